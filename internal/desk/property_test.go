package desk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// table is a desk with what its thread shows, and what must stay true of it.
type table struct {
	*rapid.T
	desk     Desk
	shown    shown
	now      time.Time
	ids      map[string]bool      // ever given
	over     map[string]bool      // finished
	expired  map[string]bool      // named by Tick
	deadline map[string]time.Time // the latest that a prompt may have
}

func (b *table) did(done Done) {
	b.shown.apply(b.T, done.Changes)
	for _, c := range done.Closed {
		if !b.shown.sealed[c.Key] || c.Outcome == "" || strings.Contains(c.Outcome, "\n") {
			b.Fatalf("closed, but not sealed with its outcome: %+v", c)
		}
	}
	if done.Opened && len(done.Changes) == 0 {
		b.Fatalf("a card appears, but is not posted")
	}
}

// invariants are what holds after every step.
func (b *table) invariants() {
	asked, queued, keys := 0, 0, []string{}
	for _, p := range b.desk.Prompts() {
		switch {
		case p.Queued:
			queued++
			if p.Key != "" || p.Kind != Question {
				b.Fatalf("%s is queued and has a card", p.ID)
			}
			continue
		case p.Kind == Question:
			asked++
		}
		keys = append(keys, p.Key)
		b.readable(p)
		b.inTime(p)
	}
	if asked > 1 || queued > 0 && asked == 0 {
		b.Fatalf("%d questions have a card, %d wait", asked, queued)
	}
	slices.Sort(keys)
	if open := b.shown.open(); !slices.Equal(open, keys) {
		b.Fatalf("cards %v can change, prompts have %v", open, keys)
	}
}

// inTime demands that a deadline never moves later, and is over once it is named.
func (b *table) inTime(p *Prompt) {
	most, known := b.deadline[p.ID]
	switch {
	case b.expired[p.ID] && !p.Deadline.IsZero():
		b.Fatalf("%s has run out and waits until %v", p.ID, p.Deadline)
	case known && !p.Deadline.IsZero() && p.Deadline.After(most):
		b.Fatalf("%s waited until %v and now until %v", p.ID, most, p.Deadline)
	}
	if !p.Deadline.IsZero() {
		b.deadline[p.ID] = p.Deadline
	}
	if next := b.desk.Next(); !p.Deadline.IsZero() && (next.IsZero() || next.After(p.Deadline)) {
		b.Fatalf("next is %v, %s ends at %v", next, p.ID, p.Deadline)
	}
}

// readable demands that a card says how to answer it and what of it is cut, and
// promises no file that its post does not have.
func (b *table) readable(p *Prompt) {
	text, files := b.shown.text[p.Key], b.shown.files[p.Key]
	for _, line := range strings.Split(text, "\n") {
		name, isFile := strings.CutPrefix(line, "📎 attached whole: `")
		if name, _, _ = strings.Cut(name, "`"); !isFile || !strings.HasPrefix(name, p.ID+"-") {
			continue
		}
		if !slices.ContainsFunc(names(files), func(n string) bool { return n == name }) {
			b.Fatalf("the card names %q, the post has %q:\n%s", name, names(files), text)
		}
	}
	if p.Choice != nil || p.Kind == Question {
		return
	}
	if foot := p.choices(); !strings.HasSuffix(text, foot) {
		b.Fatalf("%s does not end with how to answer it:\n%s", p.ID, text)
	}
	if !strings.Contains(text, " · "+p.ID) {
		b.Fatalf("%s does not say what !approve calls it:\n%s", p.ID, text)
	}
}

func (b *table) open() {
	p := somePrompt(b.T)
	done := b.desk.Open(p, base, b.now)
	if b.ids[p.ID] || b.desk.Get(p.ID) != p {
		b.Fatalf("%s is used twice", p.ID)
	}
	b.ids[p.ID] = true
	if !p.Queued && p.Choice == nil && p.TTL != pipeline.Deadline(p.Asks, base) {
		b.Fatalf("%s waits %v for %v", p.ID, p.TTL, p.Asks)
	}
	b.did(done)
}

func (b *table) any(fits func(*Prompt) bool) *Prompt {
	var all []*Prompt
	for _, p := range b.desk.Prompts() {
		if fits(p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return rapid.SampledFrom(all).Draw(b.T, "prompt")
}

func (b *table) finish(id, outcome string) {
	p, done, ok := b.desk.Finish(id, outcome, base, b.now)
	if ok == b.over[id] || ok != (p != nil) {
		b.Fatalf("%s is finished: %v, it was over: %v", id, ok, b.over[id])
	}
	b.over[id] = true
	b.did(done)
	if outcome == "" && p.Key != "" {
		b.shown.sealed[p.Key] = true // whoever finishes it so knows that it has no post
	}
	if q, _, again := b.desk.Finish(id, outcome, base, b.now); again || q != nil || b.desk.Get(id) != nil {
		b.Fatalf("%s is finished twice", id)
	}
	late := []any{b.desk.Refresh(id, base, b.now), b.desk.Tampered(id, base, b.now), b.desk.Deleted(id, base, b.now), b.desk.AskMore(id, nil, nil, base, b.now),
		b.desk.Replace(id, Call{}, nil, Vote{Edit: &Edit{}}, nil)}
	if encoded(b.T, late) != `[null,null,null,null,false]` || len(b.desk.Repost(id, "x", base, b.now).Changes) > 0 {
		b.Fatalf("%s is over and changes: %v", id, late)
	}
}

func (b *table) answer() {
	p := b.any(func(p *Prompt) bool { return p.Kind == Question })
	if p == nil {
		return
	}
	was := *p.Answers
	all, outcome, done := b.desk.Answer(p.ID, someVote(b.T), base, b.now)
	b.did(done)
	switch {
	case p.Answers.At-was.At > 1 || p.Queued && p.Answers.At > 0:
		b.Fatalf("one vote answered %d questions of %s (queued %v)", p.Answers.At-was.At, p.ID, p.Queued)
	case all != (p.Answers.At == len(p.Answers.Questions)) || len(p.Answers.Given) < p.Answers.At:
		b.Fatalf("all %v: %+v", all, p.Answers)
	case all:
		b.finish(p.ID, outcome)
	}
}

func (b *table) void() {
	sort := func(*Prompt) bool { return true }
	if rapid.Bool().Draw(b.T, "claude's") {
		sort = (*Prompt).HoldsClaude
	}
	for _, p := range b.desk.Prompts() {
		b.over[p.ID] = b.over[p.ID] || sort(p)
	}
	b.did(b.desk.Void(sort, "over:\nfor good", b.now))
	if n := b.desk.Count(sort); n > 0 {
		b.Fatalf("%d are left", n)
	}
	if b.desk.Count(func(*Prompt) bool { return true }) == 0 && !b.desk.Next().IsZero() {
		b.Fatalf("nothing waits, and something is due at %v", b.desk.Next())
	}
}

func (b *table) tick() {
	var due []string
	for _, p := range b.desk.Prompts() {
		if !p.Deadline.IsZero() && !p.Deadline.After(b.now) {
			due = append(due, p.ID)
		}
	}
	expired, changes := b.desk.Tick(base, b.now)
	if !slices.Equal(expired, due) {
		b.Fatalf("%v have run out, named are %v", due, expired)
	}
	for _, id := range expired {
		if b.expired[id] {
			b.Fatalf("%s is named twice", id)
		}
		b.expired[id] = true
	}
	b.shown.apply(b.T, changes)
	if next := b.desk.Next(); !next.IsZero() && !next.After(b.now) {
		b.Fatalf("at %v something is due at %v, after Tick", b.now, next)
	}
}

func (b *table) edit() {
	p := b.any(hasCard)
	if p == nil {
		return
	}
	switch rapid.SampledFrom([]string{"vote", "vote", "vote", "unvote", "tampered", "deleted", "more", "replace"}).Draw(b.T, "edit") {
	case "vote":
		b.desk.Approve(p.ID, someVote(b.T))
		b.shown.apply(b.T, b.desk.Refresh(p.ID, base, b.now))
	case "unvote":
		b.desk.Unvote(p.ID, anyone(b.T).ID)
		b.shown.apply(b.T, b.desk.Refresh(p.ID, base, b.now))
	case "tampered":
		b.shown.apply(b.T, b.desk.Tampered(p.ID, base, b.now))
		if len(p.Votes) > 0 {
			b.Fatalf("approvals stay: %v", p.Votes)
		}
	case "deleted":
		b.shown.apply(b.T, b.desk.Deleted(p.ID, base, b.now))
		if len(p.Votes) > 0 {
			b.Fatalf("approvals stay: %v", p.Votes)
		}
	case "more":
		b.shown.apply(b.T, b.desk.AskMore(p.ID, someAsks(b.T), nil, base, b.now))
	case "replace":
		if p.Kind != Tool || p.Call.Tool != "Bash" {
			return
		}
		v := someVote(b.T)
		v.Edit = &Edit{By: v.By, Diff: "```diff\n-a\n+b\n```"}
		b.desk.Replace(p.ID, *someCall(b.T, "Bash", bashInput(b.T)), someAsks(b.T), v, nil)
		if got := p.Approvers(); !slices.Equal(got, []pipeline.UserID{v.By.ID}) {
			b.Fatalf("approved by %v", got)
		}
		b.did(b.desk.Repost(p.ID, "it was changed", base, b.now))
	}
}

// TestDesk covers A5, A10, A13 and RACE-05: whatever people, Claude and time do
// to a desk, no id comes twice, what is over stays over, one question is asked
// at a time and every one is asked, and nobody gets more time.
func TestDesk(t *testing.T) {
	random(t, 10_000, func(r *rapid.T) {
		b := &table{T: r, desk: New(paper()), shown: nothingShown(), now: epoch, ids: map[string]bool{}, over: map[string]bool{}, expired: map[string]bool{}, deadline: map[string]time.Time{}}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			b.now = b.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 31, 60, 400}).Draw(r, "pause")) * time.Second)
			switch rapid.SampledFrom([]string{"open", "open", "open", "answer", "answer", "edit", "edit", "edit", "finish", "tick", "tick", "void"}).Draw(r, "step") {
			case "open":
				b.open()
			case "answer":
				b.answer()
			case "edit":
				b.edit()
			case "finish":
				if p := b.any(func(*Prompt) bool { return true }); p != nil {
					b.finish(p.ID, rapid.SampledFrom([]string{"✅ done:\nmore", "no", ""}).Draw(r, "outcome"))
				}
			case "tick":
				b.tick()
			case "void":
				if rapid.IntRange(0, 4).Draw(r, "really") == 0 {
					b.void()
				}
			}
			b.invariants()
		}
		b.did(b.desk.Void(func(*Prompt) bool { return true }, "over", b.now))
		if !b.desk.Next().IsZero() || len(b.shown.open()) > 0 {
			r.Fatalf("after the end %v is due, %v can change", b.desk.Next(), b.shown.open())
		}
	})
}
