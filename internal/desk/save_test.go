package desk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// twins are two desks that are told the same; one of them is saved and restored
// now and then.
type twins struct {
	*rapid.T
	plain, saved Desk
	now          time.Time
	kept         []keptDesk
}

// keptDesk is a save with its encoding as it was then.
type keptDesk struct {
	saved Saved
	raw   string
}

func encoded(t *rapid.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

// both tells both the same, and demands the same from both.
func (w *twins) both(do func(d *Desk) any) {
	w.Helper()
	a, b := encoded(w.T, do(&w.plain)), encoded(w.T, do(&w.saved))
	if a != b {
		w.Fatalf("the one that was never saved:\n%s\nthe other:\n%s", a, b)
	}
	if x, y := w.plain.Next(), w.saved.Next(); !x.Equal(y) {
		w.Fatalf("due %v, the other %v", x, y)
	}
}

// same demands that both know the same.
func (w *twins) same() {
	w.Helper()
	if a, b := encoded(w.T, w.plain.Save()), encoded(w.T, w.saved.Save()); a != b {
		w.Fatalf("they differ:\n%s\n%s", a, b)
	}
}

// id is the id of a prompt that is open, or of none.
func (w *twins) id() string {
	ids := []string{"c0"}
	for _, p := range w.plain.Prompts() {
		ids = append(ids, p.ID, p.ID, p.ID)
	}
	return rapid.SampledFrom(ids).Draw(w.T, "id")
}

// prompt is an open prompt that fits, nil if none does.
func (w *twins) prompt(fits func(*Prompt) bool) *Prompt {
	var all []*Prompt
	for _, p := range w.plain.Prompts() {
		if fits(p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return rapid.SampledFrom(all).Draw(w.T, "prompt")
}

func hasCard(p *Prompt) bool { return !p.Queued }

// steps is what can happen to a desk.
var steps = []struct {
	name string
	do   func(w *twins)
}{
	{"open", openStep},
	{"open", openStep},
	{"open", openStep},
	{"approve", func(w *twins) {
		id, v := w.id(), someVote(w.T)
		w.both(func(d *Desk) any { d.Approve(id, v); return d.Refresh(id, base, w.now) })
	}},
	{"unvote", func(w *twins) {
		id, by := w.id(), anyone(w.T).ID
		w.both(func(d *Desk) any { d.Unvote(id, by); return d.Refresh(id, base, w.now) })
	}},
	{"answer", answerStep},
	{"answer", answerStep},
	{"finish", func(w *twins) {
		id, outcome := w.id(), rapid.SampledFrom([]string{"✅ **done** by x:\nmore", "", "no"}).Draw(w.T, "outcome")
		by := anyone(w.T).ID
		w.both(func(d *Desk) any {
			d.Ended(id, by)
			p, done, ok := d.Finish(id, outcome, base, w.now)
			return []any{p, done, ok}
		})
	}},
	{"void", func(w *twins) {
		kind := rapid.SampledFrom([]Kind{Tool, Question, Plan, Message, Share, Context, "all"}).Draw(w.T, "sort")
		if rapid.IntRange(0, 2).Draw(w.T, "really") > 0 {
			return
		}
		w.both(func(d *Desk) any {
			return d.Void(func(p *Prompt) bool { return p.Kind == kind || kind == "all" && p.HoldsClaude() }, "over", w.now)
		})
	}},
	{"tick", tickStep},
	{"tick", tickStep},
	{"tampered", func(w *twins) {
		if p := w.prompt(hasCard); p != nil {
			w.both(func(d *Desk) any { return d.Tampered(p.ID, base, w.now) })
		}
	}},
	{"deleted", func(w *twins) {
		id := w.id()
		w.both(func(d *Desk) any { return d.Deleted(id, base, w.now) })
	}},
	{"ask more", func(w *twins) {
		id, asks := w.id(), someAsks(w.T)
		p := w.plain.Get(id)
		var j *Judged
		if p != nil && p.Kind == Tool && rapid.Bool().Draw(w.T, "judged") {
			again := judged(w.T, p.Call.Tool, p.Input())
			j = &again
		}
		w.both(func(d *Desk) any { return d.AskMore(id, asks, j, base, w.now) })
	}},
	{"replace", func(w *twins) {
		p := w.prompt(func(p *Prompt) bool { return p.Kind == Tool && p.Call.Tool == "Bash" })
		if p == nil {
			return
		}
		call, asks := *someCall(w.T, "Bash", bashInput(w.T)), someAsks(w.T)
		v := someVote(w.T)
		v.Edit = &Edit{By: v.By, Diff: "```diff\n-a\n+b\n```"}
		scripts := []facts.Script{{Path: "/w/n.sh", Sum: "d", Text: "true"}}
		w.both(func(d *Desk) any {
			ok := d.Replace(p.ID, call, asks, v, scripts)
			return []any{ok, d.Repost(p.ID, "changed <hunter2>", base, w.now)}
		})
	}},
	{"posted", func(w *twins) {
		if p := w.prompt(hasCard); p != nil {
			key, post := p.Key, pipeline.PostID(fmt.Sprint("p", rapid.IntRange(0, 99).Draw(w.T, "post")))
			w.both(func(d *Desk) any { return []any{d.Posted(key, post), d.On(post, ""), d.On("", key)} })
		}
	}},
	{"grants", func(w *twins) {
		by, end := anyone(w.T).ID, rapid.IntRange(0, 2).Draw(w.T, "end") == 0
		w.both(func(d *Desk) any {
			if end {
				return d.EndGrants(func(g Grant) bool { return g.By == by })
			}
			d.Grant(by, w.now)
			return d.Grants()
		})
	}},
	{"share", func(w *twins) {
		block, who, shown := fmt.Sprint("b", rapid.IntRange(0, 3).Draw(w.T, "block")), anyone(w.T), rapid.Bool().Draw(w.T, "shown")
		w.both(func(d *Desk) any {
			d.Share(block, []pipeline.User{who})
			if shown {
				d.Shown(block)
			}
			return []any{d.SharedBy(block), d.Holding(block)}
		})
	}},
	{"look", func(w *twins) {
		who := anyone(w.T).ID
		w.both(func(d *Desk) any {
			return []any{d.Unsure(who, w.now), d.UnsureQuestion(who, w.now), d.First(Question), d.Count(hasCard)}
		})
	}},
	{"save", saveStep},
	{"save", saveStep},
}

func openStep(w *twins) {
	p := somePrompt(w.T)
	w.both(func(d *Desk) any { mine := *p; return []any{d.Open(&mine, base, w.now), mine} })
}

func answerStep(w *twins) {
	p := w.prompt(func(p *Prompt) bool { return p.Kind == Question })
	if p == nil {
		return
	}
	id, v := p.ID, someVote(w.T)
	w.both(func(d *Desk) any {
		all, outcome, done := d.Answer(id, v, base, w.now)
		if !all {
			return done
		}
		q, done, ok := d.Finish(id, outcome, base, w.now)
		return []any{q, done, ok, outcome}
	})
}

func tickStep(w *twins) {
	w.both(func(d *Desk) any {
		expired, changes := d.Tick(base, w.now)
		return []any{expired, changes}
	})
}

// saveStep puts one of the twins away and takes it out again, as a crash would.
func saveStep(w *twins) {
	w.same()
	kept := w.saved.Save()
	raw := encoded(w.T, kept)
	w.kept = append(w.kept, keptDesk{kept, raw})
	w.saved = restored(w.T, raw)
}

func restored(t *rapid.T, raw string) Desk {
	var back Saved
	if err := json.Unmarshal([]byte(raw), &back); err != nil {
		t.Fatalf("%v", err)
	}
	d := New(paper())
	if err := d.Restore(back); err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

// TestSavedGoesOn: a desk that is saved and restored at any moment, twice or as
// often as one likes, goes on as one that never was; and what was saved stays
// what it was, whatever the desk does afterwards.
func TestSavedGoesOn(t *testing.T) {
	random(t, 10_000, func(r *rapid.T) {
		w := &twins{T: r, plain: New(paper()), saved: New(paper()), now: epoch}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 31, 60, 400}).Draw(r, "pause")) * time.Second)
			steps[rapid.IntRange(0, len(steps)-1).Draw(r, "step")].do(w)
		}
		w.same()
		for _, k := range w.kept {
			if now := encoded(r, k.saved); now != k.raw {
				t.Fatalf("a save changed afterwards:\n%s\n%s", k.raw, now)
			}
		}
	})
}

// TestTwoOfOneSave: two desks that come of one save have nothing in common.
func TestTwoOfOneSave(t *testing.T) {
	random(t, 1000, func(r *rapid.T) {
		first := &twins{T: r, plain: New(paper()), saved: New(paper()), now: epoch}
		for range rapid.IntRange(1, 15).Draw(r, "before") {
			steps[rapid.IntRange(0, len(steps)-1).Draw(r, "step")].do(first)
		}
		for range rapid.IntRange(0, 5).Draw(r, "grants") {
			first.plain.Grant("u1", epoch)
		}
		var kept Saved
		if err := json.Unmarshal([]byte(encoded(r, first.plain.Save())), &kept); err != nil {
			t.Fatal(err)
		}
		one, other := New(paper()), New(paper())
		if one.Restore(kept) != nil || other.Restore(kept) != nil {
			t.Fatal("not restored")
		}
		one.Grant("u1", epoch) // two that append to one array would overwrite each other
		before := encoded(r, one.Save())
		w := &twins{T: r, plain: other, saved: restored(r, encoded(r, kept)), now: epoch}
		w.both(func(d *Desk) any { d.Grant("u2", epoch); return nil })
		for range rapid.IntRange(1, 15).Draw(r, "after") {
			w.now = w.now.Add(time.Minute)
			steps[rapid.IntRange(0, len(steps)-1).Draw(r, "step")].do(w)
		}
		if after := encoded(r, one.Save()); after != before {
			t.Fatalf("one desk changed the other:\n%s\n%s", before, after)
		}
	})
}

// TestNewerSave: what a later ctpipe kept is an error, and changes nothing.
func TestNewerSave(t *testing.T) {
	d := New(paper())
	d.Open(AskWorktree("/w", "why", true, time.Minute), base, epoch)
	d.Grant("u1", epoch)
	before, _ := json.Marshal(d.Save())
	err := d.Restore(Saved{Version: savedVersion + 1, Keys: 7})
	if err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("error %v", err)
	}
	if after, _ := json.Marshal(d.Save()); string(after) != string(before) {
		t.Errorf("%s became %s", before, after)
	}
	if d.Get("c1") == nil {
		t.Error("the prompt is gone")
	}
}
