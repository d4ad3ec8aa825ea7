package hooktrial

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes the outcome for people; trace is as for WriteJSON.
func (o Outcome) WriteText(w io.Writer, trace bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s: %s in %s\n", o.Script, o.Kind, o.Verdict, time.Duration(o.TookUS)*time.Microsecond)
	line := func(what string, v any) {
		if text, ok := v.(string); ok {
			fmt.Fprintf(&b, "  %-8s %s\n", what, visible(text))
			return
		}
		raw, err := json.Marshal(v)
		if err != nil {
			raw = []byte(err.Error())
		}
		fmt.Fprintf(&b, "  %-8s %s\n", what, raw)
	}
	if !o.judged {
		line("note", "it has no function for this event")
	}
	if !o.Listed {
		line("note", "rules.toml does not list it: it ran with the defaults of a [[hook]]")
	}
	if o.Error != "" {
		line("error", o.Error)
	} else if o.Why != "" {
		line("why", o.Why)
	}
	if o.Terms != nil {
		line("terms", o.Terms)
	}
	if o.Text != nil {
		line("text", *o.Text)
	}
	if o.Input != nil {
		line("input", o.Input)
	}
	if o.Style != nil {
		line("style", o.Style)
	}
	if o.Set != nil {
		line("set", o.Set)
	}
	for _, e := range o.Effects {
		line(string(e.Kind), strings.TrimPrefix(e.Key+" = "+e.Text, " = "))
	}
	if trace {
		for _, text := range o.Logs {
			line("log", text)
		}
		for _, r := range o.Reads {
			line("read", r)
		}
		for _, change := range o.Writes {
			line("write", change)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// visible keeps what a script says on one line and off the terminal's controls.
func visible(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }) {
		return fmt.Sprintf("%q", text)
	}
	return text
}
