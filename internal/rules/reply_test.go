package rules

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

const noticeRules = `
[[rule]]
id     = "lost"
on     = "session"
when   = 'notice.what == "lost"'
unless = 'session.tainted'
reply  = "@oncall {session.id} after {session.turns} turns, {session.cost} $, {thread.dm}: {notice.text} {no} {{notice.what}} { notice.what }"
label  = { lost = "yes", team = "web" }
[[rule]]
id    = "any"
on    = "session"
when  = 'true'
reply = "ends in {notice.text}"
label = { lost = "perhaps" }
[[rule]]
id    = "shadowed"
on    = "session"
mode  = "shadow"
when  = 'true'
reply = "never"
[[rule]]
id    = "tool"
on    = "policy"
when  = 'notice.what == "refused"'
reply = "{notice.text}"
`

// Rules on notices say what they say: every matching one, in file order, with
// the event's values cleaned and never expanded again.
func TestNoticeRules(t *testing.T) {
	f, fs := Parse("rules.toml", []byte(noticeRules))
	set, more := Compile(f, Options{})
	if set == nil || len(fs)+len(more) > 0 {
		t.Fatal(fs, more)
	}
	clean := func(s string) string { return "<" + s + ">" }
	said := func(ev *pipeline.Event) string {
		out := set.Judge(ev)
		if len(out.Votes) > 0 {
			t.Errorf("a notice got votes: %v", out.Votes)
		}
		var lines []string
		for _, r := range out.Replies {
			lines = append(lines, r.Rule+": "+r.Text(clean))
		}
		return strings.Join(append(lines, fmt.Sprint(out.Labels)), "\n")
	}
	ev := &pipeline.Event{Kind: pipeline.KindSession, Notice: pipeline.Notice{What: "lost", Text: "{session.owner} gone"},
		Session: pipeline.Session{ID: "s1", Turns: 3, Cost: 0.5}}
	want := "lost: @oncall <s1> after <3> turns, <0.50> $, <false>: <{session.owner} gone> {no} {<lost>} { notice.what }\n" +
		"any: ends in <{session.owner} gone>\n[{lost lost yes} {lost team web} {any lost perhaps}]"
	if got := said(ev); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	ev.Unknown = []string{"notice.text"}
	if got := said(ev); !strings.Contains(got, "any: ends in <unknown>") {
		t.Error(got)
	}
	ev.Unknown = []string{"session.tainted"} // the exception cannot be judged
	if got := said(ev); strings.Contains(got, "lost: ") {
		t.Error(got)
	}
	ev.Unknown, ev.Session.Tainted = nil, true
	if got := said(ev); strings.Contains(got, "lost: ") {
		t.Error(got)
	}
	if got := said(&pipeline.Event{Kind: pipeline.KindPolicy, Notice: pipeline.Notice{What: "refused", Text: "x"}}); got != "tool: <x>\n[]" {
		t.Error(got)
	}
}
