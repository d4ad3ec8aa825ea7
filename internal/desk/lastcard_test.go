package desk

import (
	"testing"
	"time"

	"ctpipe/pipeline"
)

// TestUnsure covers A13: for ten seconds a word that names no card may be meant
// for one that others have closed. Who closed it knows that, and what had no card
// was never seen.
func TestUnsure(t *testing.T) {
	ask := func(d *Desk) *Prompt {
		in := map[string]any{"questions": []any{map[string]any{"question": "which?", "header": "H", "options": []any{map[string]any{"label": "a"}, map[string]any{"label": "b"}}}}}
		p := &Prompt{Kind: Question, Answers: ReadQuestions(in), Call: &Call{Tool: "AskUserQuestion", Judged: Judged{Event: &pipeline.Event{}}}}
		d.Open(p, base, epoch)
		return p
	}
	tests := []struct {
		name               string
		do                 func(d *Desk)
		after              time.Duration
		alice, bob, answer bool // are they unsure; may bob's word be an answer
	}{
		{name: "nothing was closed", do: func(d *Desk) { ask(d) }},
		{name: "alice closes a card", do: func(d *Desk) {
			p := &Prompt{Kind: Share, Held: &Held{}}
			d.Open(p, base, epoch)
			d.Ended(p.ID, "u1")
			d.Finish(p.ID, "no", base, epoch)
		}, bob: true},
		{name: "and ten seconds pass", do: func(d *Desk) {
			p := &Prompt{Kind: Share, Held: &Held{}}
			d.Open(p, base, epoch)
			d.Ended(p.ID, "u1")
			d.Finish(p.ID, "no", base, epoch)
		}, after: justEnded},
		{name: "alice answers", do: func(d *Desk) {
			p := ask(d)
			if all, _, _ := d.Answer(p.ID, Vote{By: people[0], Meaning: "one", Added: true}, base, epoch); all {
				d.Finish(p.ID, "answered", base, epoch)
			}
		}, bob: true, answer: true},
		{name: "a question ends that nobody has seen", do: func(d *Desk) {
			ask(d)
			d.Finish(ask(d).ID, "withdrawn", base, epoch)
		}},
		{name: "alice closes one, and one ends that nobody has seen", do: func(d *Desk) {
			ask(d)
			unseen := ask(d)
			p := &Prompt{Kind: Share, Held: &Held{}}
			d.Open(p, base, epoch)
			d.Ended(p.ID, "u1")
			d.Finish(p.ID, "no", base, epoch)
			d.Finish(unseen.ID, "withdrawn", base, epoch)
		}, bob: true},
		{name: "a prompt that decides nothing", do: func(d *Desk) {
			p := AskWorktree("/w", "why", false, time.Minute)
			d.Open(p, base, epoch)
			d.Finish(p.ID, "", base, epoch)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, at := New(paper()), epoch.Add(tt.after)
			tt.do(&d)
			if a, b, q := d.Unsure("u1", at), d.Unsure("u2", at), d.UnsureQuestion("u2", at); a != tt.alice || b != tt.bob || q != tt.answer {
				t.Errorf("alice unsure %v, bob %v, of an answer %v; want %v, %v, %v", a, b, q, tt.alice, tt.bob, tt.answer)
			}
		})
	}
}
