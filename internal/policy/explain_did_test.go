package policy

import (
	"testing"

	"ctpipe/pipeline"
)

// A mode or a grant answers where nothing voted: the tree says so, since the
// verdict alone would read as a question to people.
func TestExplainSaysWhatSettled(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*pipeline.Session)
		want string
	}{
		{name: "nothing", set: func(*pipeline.Session) {}, want: "asks people"},
		{name: "grant", set: func(s *pipeline.Session) { s.Grants = []string{"ana"} }, want: "lets Claude go on, by grant"},
		{name: "bypass", set: func(s *pipeline.Session) { s.Mode = pipeline.ModeBypass }, want: "lets Claude go on, by mode bypass"},
		{name: "auto", set: func(s *pipeline.Session) { s.Mode = pipeline.ModeAuto }, want: "leaves it to Claude's own auto mode"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _, findings := write(t, map[string]string{"rules.toml": `default = { tool = "ask" }
[[rule]]
id = "never"
on = "tool"
when = 'tool.name == "Other"'
then = "deny"
`}).Load()
			if p == nil {
				t.Fatal(text(findings))
			}
			ev := recorded("touch x")[0].Event
			ev.Tool.Requesters = []pipeline.User{{ID: "ana", Name: "ana", Active: true, Allowed: true}}
			tt.set(&ev.Session)
			x := p.ExplainEvent(t.Context(), &ev)
			for _, s := range x.Steps {
				if s.Stage == "settle" {
					if s.Did != tt.want {
						t.Errorf("settle %q, want %q", s.Did, tt.want)
					}
					return
				}
			}
			t.Error("no settle step")
		})
	}
}
