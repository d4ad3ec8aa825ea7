package policy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// journalled judges calls under p and writes them into a new journal.
func journalled(t testing.TB, p *Policy, events ...*pipeline.Event) (dir string, book *journal.Writer) {
	t.Helper()
	dir = t.TempDir()
	book, err := journal.Open(journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	for _, ev := range events {
		r := p.Snapshot.Judge(context.Background(), ev)
		verdict, _ := r.Verdict()
		book.Append(journal.Record{Event: *r.Event, Votes: r.Votes(), Verdict: verdict, Rev: r.Event.Rev, Steps: r.Trace.Steps})
	}
	return dir, book
}

func bashEvent(t testing.TB, p *Policy, id, thread, command string) *pipeline.Event {
	t.Helper()
	ev, err := p.ToolEvent(time.Unix(1.76e9, 0), testDir, "alice", "Bash", map[string]any{"command": command})
	if err != nil {
		t.Fatal(err)
	}
	ev.ID, ev.Thread.ID, ev.Tool.ID = pipeline.EventID(id), pipeline.ThreadID(thread), pipeline.ToolID("toolu_"+id)
	return ev
}

// TestWhyForAThread: who asks in a thread gets a short block with the verdict,
// who gave it and why; of other threads nothing, and no secret.
func TestWhyForAThread(t *testing.T) {
	l := write(t, map[string]string{"rules.toml": pushRules})
	p, _, findings := l.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	stop := &pipeline.Event{ID: "EV03", Kind: pipeline.KindCommand, Thread: pipeline.Thread{ID: "main:a"}, Command: pipeline.ChatCommand{Name: "why"}}
	dir, book := journalled(t, p, bashEvent(t, p, "EV01", "main:a", "git push"),
		bashEvent(t, p, "EV02", "main:b", "git push # `@all` ghp_abcdefghijklmnopqrstuvwxyz0123 ```"), stop)
	x := Explainer{Dir: dir, Flush: book.Flush, Policy: func() *Policy { return p }, Redact: stages.Redactor(&stages.Build{})}
	for name, q := range map[string]journal.Query{"last": {Thread: "main:a"}, "id": {Thread: "main:a", Event: "EV01"},
		"call": {Thread: "main:a", Tool: "toolu_EV01"}} {
		got, err := x.Why(t.Context(), q)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, want := range []string{"```\ntool Bash \"git push\"", "deny by rule no-push", "rules.toml:", "pushing is for people", `any(tool.commands`, "event EV01"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
	}
	got, err := x.Why(t.Context(), journal.Query{Thread: "main:b"})
	if err != nil || strings.Contains(got, "ghp_") || !strings.HasPrefix(got, "````\n") {
		t.Errorf("a secret, or a fence that can be left: %v\n%s", err, got)
	}
	if _, err := x.Why(t.Context(), journal.Query{Thread: "main:a", Event: "EV02"}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a verdict of another thread: %v", err)
	}
}

const pushRules = `
[default]
tool = "ask"
[[rule]]
id = "no-push"
on = "tool"
when = 'any(tool.commands, .prog == "git" and .sub == "push")'
then = "deny"
why = "pushing is for people"
`

// BenchmarkWhy is the time until somebody who asks in a thread has the answer.
func BenchmarkWhy(b *testing.B) {
	l := loaderOf("../..")
	p, _, findings := l.Load()
	if p == nil {
		b.Fatal(text(findings))
	}
	var events []*pipeline.Event
	for n := range 1000 {
		events = append(events, bashEvent(b, p, "EV"+strings.Repeat("x", 1+n%7), "main:a", "git push -f"))
	}
	dir, book := journalled(b, p, events...)
	x := Explainer{Dir: dir, Flush: book.Flush, Policy: func() *Policy { return p }, Redact: stages.Redactor(&stages.Build{})}
	for b.Loop() {
		if _, err := x.Why(b.Context(), journal.Query{Thread: "main:a"}); err != nil {
			b.Fatal(err)
		}
	}
}
