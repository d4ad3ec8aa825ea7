package display

import (
	"ctpipe/internal/markdown"
	"strings"
)

// view is a call before it is known how much of it is shown.
type view struct {
	head   string // "💻 **Bash** `go test`"
	short  string // head where it has to be one line and head alone does not say enough
	notes  []string
	doubt  string // about the input's letters; it stays, whatever the result brings
	quote  string // a line below the head, already markdown
	before []body // the call's own: a command, a diff, a preview
	end    string // how it ended: "✓ (4s)"
	hint   string // what one line says beside that
	subs   []string
	after  []body // what it gave
	last   string // below all: that it still runs
}

// note adds a word about the call behind its head.
func (v *view) note(text string) {
	if text != "" {
		v.notes = append(v.notes, text)
	}
}

// text is the view as markdown.
func (v view) text(o Options) string {
	if v.head == "" || o.verbosity() == Hidden {
		return ""
	}
	if o.verbosity() == Line {
		line := orElse(v.short, v.head) + v.noted()
		if v.end != "" {
			line += " · " + v.end + v.hint
		}
		if v.last != "" {
			line += " · " + v.last
		}
		return markdown.Inert(line)
	}
	parts := []string{v.head + v.noted()}
	if v.quote != "" {
		parts = append(parts, "> "+v.quote+"\n") // the blank line ends the quote
	}
	if o.room = fullRunes; o.verbosity() == Whole {
		o.room = wholeRunes
	}
	show := func(b body) {
		text := b.show(o)
		parts, o.room = append(parts, text), o.room-runes(text)
	}
	for _, b := range v.before {
		show(b)
	}
	if v.end != "" {
		parts = append(parts, "  ↳ "+v.end)
	}
	for _, sub := range v.subs {
		parts = append(parts, "  ↳ "+sub)
	}
	for _, b := range v.after {
		show(b)
	}
	return markdown.Inert(strings.TrimRight(joined(append(parts, v.last)), "\n"))
}

func (v view) noted() string {
	notes := v.notes
	if v.doubt != "" {
		notes = append(notes[:len(notes):len(notes)], v.doubt)
	}
	if len(notes) == 0 {
		return ""
	}
	return " _(" + strings.Join(notes, ", ") + ")_"
}

// joined puts what there is below each other.
func joined(parts []string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n")
}
