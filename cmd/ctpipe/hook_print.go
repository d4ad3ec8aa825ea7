package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"ctpipe/hooks"
	"ctpipe/pipeline"
)

// outcome is what a hook said about one event, for its author.
type outcome struct {
	Script string        `json:"script"`
	Kind   pipeline.Kind `json:"kind"`
	Listed bool          `json:"listed"` // in rules.toml

	Verdict string            `json:"verdict"`
	Why     string            `json:"why"`
	Error   string            `json:"error"`
	TookUS  int64             `json:"took"` // microseconds
	Effects []hooks.Effect    `json:"effects"`
	Terms   *pipeline.Terms   `json:"terms,omitempty"` // of an ask
	Text    *string           `json:"text,omitempty"`
	Input   map[string]any    `json:"input,omitempty"`
	Style   *hooks.Style      `json:"style,omitempty"`
	Set     map[string]string `json:"set,omitempty"`
	Logs    []string          `json:"logs,omitempty"`
	Reads   []hooks.Read      `json:"reads,omitempty"`
	Writes  []hooks.Write     `json:"writes,omitempty"`

	judged bool
}

func (o *outcome) take(r hooks.Result) {
	o.judged = true
	o.TookUS, o.Effects = r.Took.Microseconds(), r.Effects
	o.Text, o.Input, o.Style, o.Set = r.Text, r.Input, r.Style, r.Set
	o.Logs, o.Reads, o.Writes = r.Logs, r.Reads, r.Writes
	if r.Vote != nil {
		o.Verdict, o.Why = r.Vote.Verdict.String(), r.Vote.Why
		if r.Vote.Verdict == pipeline.Ask && r.Err == nil {
			o.Terms = &r.Vote.Terms
		}
	}
	if r.Err != nil {
		o.Error = r.Err.Error()
	}
}

func (o outcome) json(w io.Writer, trace bool) error {
	if o.Effects == nil {
		o.Effects = []hooks.Effect{}
	}
	if !trace {
		o.Logs, o.Reads, o.Writes = nil, nil, nil
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(o)
}

func (o outcome) print(w io.Writer, trace bool) error {
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
