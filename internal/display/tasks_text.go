package display

import (
	"ctpipe/internal/markdown"
	"fmt"
	"strings"
	"time"
)

// shownTasks is how many entries a list shows before it leaves out what is done;
// taskRunes is how long one may be. With every rune escaped it still is one post.
const (
	shownTasks = 30
	taskRunes  = 150
)

// Done reports a list whose tasks are all completed.
func (t *Tasks) Done() bool { return t.Shown && t.completed() == len(t.Items) }

// Toggle folds the list to one line, or unfolds it.
func (t *Tasks) Toggle() { t.Minimised = !t.Minimised }

func (t *Tasks) completed() int {
	n := 0
	for _, k := range t.Items {
		if k.Status == "completed" {
			n++
		}
	}
	return n
}

// Markdown shows the list, "" if there never was one. Now is for how long the
// current task takes; with a zero time that is left out.
func (t *Tasks) Markdown(now time.Time) string {
	switch {
	case !t.Shown:
		return ""
	case len(t.Items) == 0:
		return "---\n📋 ~~Tasks~~ *(completed)*"
	}
	done, all := t.completed(), len(t.Items)
	head := fmt.Sprintf("---\n📋 **Tasks** (%d/%d · %d%%)", done, all, done*100/all)
	if t.Minimised {
		for _, k := range t.Items {
			if k.Status == "in_progress" {
				head += " · 🔄 " + k.doing() + k.since(now)
				break
			}
		}
		return markdown.Inert(head + " 🔽")
	}
	return markdown.Inert(head + "\n\n" + strings.Join(t.lines(now), "\n"))
}

// lines are the entries; of a long list first the completed ones are left out.
func (t *Tasks) lines(now time.Time) []string {
	over := len(t.Items) - shownTasks
	var out []string
	hidden, more := 0, 0
	for _, k := range t.Items {
		switch {
		case over > 0 && k.Status == "completed":
			hidden, over = hidden+1, over-1
		case len(out) == shownTasks:
			more++
		default:
			out = append(out, k.line(now))
		}
	}
	if hidden > 0 {
		out = append([]string{fmt.Sprintf("✅ *… %d more completed*", hidden)}, out...)
	}
	if more > 0 {
		out = append(out, fmt.Sprintf("*… %d more tasks*", more))
	}
	return out
}

func (k Task) line(now time.Time) string {
	switch k.Status {
	case "completed":
		return "✅ ~~" + plain(k.Subject, taskRunes) + "~~"
	case "in_progress":
		return "🔄 **" + k.doing() + "**" + k.since(now)
	}
	return "⬜ " + plain(k.Subject, taskRunes)
}

func (k Task) doing() string { return plain(orElse(k.Active, k.Subject), taskRunes) }

// since says how long it takes, from five seconds on.
func (k Task) since(now time.Time) string {
	if now.IsZero() || k.Since.IsZero() || now.Sub(k.Since) < 5*time.Second {
		return ""
	}
	return " (" + spoken(now.Sub(k.Since)) + ")"
}
