package display

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
)

var (
	localTags = regexp.MustCompile(`</?local-command-(?:stdout|stderr|caveat)>`)
	isMarkup  = regexp.MustCompile("(?m)^(?:#{1,6} |\\||[-*] |\\d+\\. |```)")
)

// LocalOutput is what a command of the CLI's own wrote (/context, /cost, …),
// as markdown where it is that, and in a code block where blanks align it. The
// result is Claude's text: the show chain makes it inert.
func LocalOutput(text string) string {
	text = strings.Trim(normal(localTags.ReplaceAllString(text, "")), "\n")
	if !strings.Contains(text, "\n") || isMarkup.MatchString(text) {
		return strings.TrimSpace(text)
	}
	return markdown.Fence("", text)
}

var limits = map[string]string{"five_hour": "5-hour limit", "seven_day": "weekly limit", "seven_day_opus": "weekly limit for Opus",
	"seven_day_sonnet": "weekly limit for Sonnet", "overage": "extra usage"}

// LimitNear warns that the account's usage limit will soon be reached, "" where
// there is nothing to warn of: a limit that was reached is told by the CLI in the
// answer itself.
func LimitNear(r *claude.RateLimit) string {
	i := r.Info
	if i.Status != "allowed_warning" {
		return ""
	}
	text := "⏳ Claude's " + orElse(limits[i.Type], "usage limit") + " is nearly used up"
	if i.Utilization > 0 && i.Utilization <= 1 {
		text += fmt.Sprintf(": %d %%", int(i.Utilization*100))
	}
	if i.ResetsAt > 0 {
		text += "; it is reset at " + time.Unix(i.ResetsAt, 0).UTC().Format("15:04 UTC on 2 January")
	}
	return text + "."
}
