package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// What a save is compared on: recorded events of the kinds that decide what
// runs and who is heard.
const (
	compareEvents = 500
	compareWithin = time.Second
)

// comparedKinds are the kinds whose verdicts are compared on a save.
var comparedKinds = []pipeline.Kind{pipeline.KindTool, pipeline.KindPost}

// Opinion is what one policy says about an event.
type Opinion struct {
	Verdict pipeline.Verdict
	Votes   []pipeline.Vote // those that reached it
}

// Recorded is what was said when the record was made.
func Recorded(r *journal.Record) Opinion {
	verdict, top := pipeline.Top(r.Votes)
	if verdict == pipeline.Abstain {
		top = []pipeline.Vote{{Verdict: r.Verdict, Source: pipeline.SourceDefault, By: "default"}}
	}
	return Opinion{r.Verdict, top}
}

// Rejudged is what p says about a record; nothing of it is performed or kept.
func Rejudged(ctx context.Context, p *Policy, r *journal.Record) Opinion {
	ev := r.Event
	ev.Unknown = slices.Clone(ev.Unknown)
	run := p.Snapshot.Rejudge(stages.WithReads(ctx, r.Reads), &ev)
	verdict, top := run.Verdict()
	return Opinion{verdict, top}
}

// Replayable reports whether a record can be judged again and mean the same:
// not where its strings were cut or its text not kept, nor where it was a
// duplicate, which is no matter of the rules.
func Replayable(r *journal.Record) bool {
	return r.Replayable() && r.Event.Kind.Judged() && !slices.ContainsFunc(r.Votes, func(v pipeline.Vote) bool {
		return v.Source == pipeline.SourceFloor && v.By == "seen"
	})
}

// Change is a verdict that would be another one, with how often.
type Change struct {
	Rule  string           `json:"rule"` // the rule that makes the difference
	User  string           `json:"user"` // who did it, or whose posts led to it
	Kind  pipeline.Kind    `json:"kind"`
	From  pipeline.Verdict `json:"from"`
	To    pipeline.Verdict `json:"to"`
	Count int              `json:"count"`
	// Example is the id of the newest such event.
	Example pipeline.EventID `json:"example"`
}

// Diff is how the verdicts of two policies differ on recorded events.
type Diff struct {
	Judged  int      `json:"judged"`
	Skipped int      `json:"not_replayable"`
	Changes []Change `json:"changes"` // the most frequent first

	index map[Change]int
}

// Add counts one record.
func (d *Diff) Add(r *journal.Record, before, after Opinion) {
	d.Judged++
	if before.Verdict == after.Verdict {
		return
	}
	key := Change{Rule: difference(before, after), User: whose(&r.Event), Kind: r.Event.Kind, From: before.Verdict, To: after.Verdict}
	i, known := d.index[key]
	if !known {
		if d.index == nil {
			d.index = map[Change]int{}
		}
		i, d.index[key] = len(d.Changes), len(d.Changes)
		d.Changes = append(d.Changes, key)
	}
	d.Changes[i].Count++
	d.Changes[i].Example = r.Event.ID
}

// Sort puts the most frequent changes first. Nothing may be added after it.
func (d *Diff) Sort() {
	d.index = nil
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Rule, b.Rule), strings.Compare(a.User, b.User),
			int(a.From)-int(b.From), int(a.To)-int(b.To))
	})
}

// difference names what makes it: who voted higher than before, or whose vote
// is gone.
func difference(before, after Opinion) string {
	votes := after.Votes
	if after.Verdict < before.Verdict && !isDefault(before.Votes) {
		votes = before.Votes
	}
	return pipeline.Names(votes)
}

func isDefault(votes []pipeline.Vote) bool {
	return len(votes) == 1 && votes[0].Source == pipeline.SourceDefault
}

// whose is the person of an event, or the requesters of a call.
func whose(ev *pipeline.Event) string {
	if ev.Kind != pipeline.KindTool {
		return cmp.Or(ev.User.Name, string(ev.User.ID), "nobody")
	}
	var names []string
	for _, u := range ev.Tool.Requesters {
		names = append(names, cmp.Or(u.Name, string(u.ID)))
	}
	return cmp.Or(strings.Join(names, ", "), "nobody")
}

// String is the blast radius in a few words: "3 ask→allow, 1 deny→ask".
func (d *Diff) String() string {
	type step struct{ from, to pipeline.Verdict }
	counts := map[step]int{}
	var steps []step
	for _, c := range d.Changes {
		s := step{c.From, c.To}
		if counts[s] == 0 {
			steps = append(steps, s)
		}
		counts[s] += c.Count
	}
	if len(steps) == 0 {
		return fmt.Sprintf("no verdict of the last %d differs", d.Judged)
	}
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(counts[b]-counts[a], int(a.from)-int(b.from), int(a.to)-int(b.to))
	})
	var out []string
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%d %s→%s", counts[s], s.from, s.to))
	}
	return strings.Join(out, ", ")
}

// PromptsSaved counts asks that would be answered without people.
func (d *Diff) PromptsSaved() int {
	return d.count(func(c Change) bool { return c.From == pipeline.Ask && c.To == pipeline.Allow })
}

// DenialsLost counts denials that would be none.
func (d *Diff) DenialsLost() int {
	return d.count(func(c Change) bool { return c.From == pipeline.Deny })
}

func (d *Diff) count(is func(Change) bool) int {
	n := 0
	for _, c := range d.Changes {
		if is(c) {
			n += c.Count
		}
	}
	return n
}

// compare judges records under both policies, the newest first, for at most a
// second.
func compare(ctx context.Context, old, next *Policy, records []journal.Record) *Diff {
	ctx, cancel := context.WithTimeout(ctx, compareWithin)
	defer cancel()
	d := &Diff{}
	for i := len(records) - 1; i >= 0; i-- {
		r := &records[i]
		if !Replayable(r) {
			d.Skipped++
			continue
		}
		before, after := Rejudged(ctx, old, r), Rejudged(ctx, next, r)
		if ctx.Err() != nil {
			break // hooks could no longer answer
		}
		d.Add(r, before, after)
	}
	d.Sort()
	return d
}

// Recent reads what a save is compared on from the journal in dir.
func Recent(dir string) ([]journal.Record, error) {
	return journal.Last(dir, compareEvents, comparedKinds...)
}
