package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/journal"
	"ctpipe/internal/markdown"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// Explainer explains recorded verdicts to people in a thread. It is safe for
// concurrent use.
type Explainer struct {
	Dir    string              // the journal's
	Flush  func() error        // brings what just happened to the journal
	Policy func() *Policy      // the one in force
	Redact func(string) string // takes credentials out
}

// Why explains the verdict that a query means: in words for people where there
// is none, or the journal has not got it. The text is a fenced block that
// pings nobody and shows no secret.
func (e *Explainer) Why(ctx context.Context, q journal.Query) (string, error) {
	last := q.Event == "" && q.Tool == "" && q.Post == ""
	if last {
		q.Skip = func(r *journal.Record) bool { return r.Event.Kind != pipeline.KindTool }
	}
	rec, err := e.recall(q, last)
	if last && errors.Is(err, journal.ErrNotFound) {
		q.Skip = func(r *journal.Record) bool { return !r.Event.Kind.Judged() || asksWhy(&r.Event) }
		rec, err = e.recall(q, false)
	}
	if err != nil {
		return "", err
	}
	return markdown.Fence("", markdown.Visible(e.Redact(e.Policy().explained(ctx, &rec).brief()))), nil
}

// recall looks a record up. What is not there may still be on its way; what is
// newer than all that is there certainly is.
func (e *Explainer) recall(q journal.Query, fresh bool) (journal.Record, error) {
	if fresh {
		_ = e.Flush() // what the journal does not take is not found, and said so
	}
	rec, err := journal.Recall(e.Dir, q)
	if !fresh && errors.Is(err, journal.ErrNotFound) && e.Flush() == nil {
		rec, err = journal.Recall(e.Dir, q)
	}
	if err != nil {
		return rec, fmt.Errorf("looking for the verdict: %w", err)
	}
	return rec, nil
}

// asksWhy reports the question itself.
func asksWhy(ev *pipeline.Event) bool {
	return ev.Kind == pipeline.KindShow || ev.Command.Name == "why" || ev.Reaction.Meaning == "why"
}

// explained is ExplainRecord, but for a record that cannot be judged again it
// says what was recorded.
func (p *Policy) explained(ctx context.Context, rec *journal.Record) Explanation {
	if Replayable(rec) {
		return p.ExplainRecord(ctx, rec)
	}
	was := Recorded(rec)
	x := Explanation{ID: rec.Event.ID, Kind: rec.Event.Kind, Verdict: was.Verdict, By: pipeline.Names(was.Votes), Why: pipeline.Reasons(was.Votes),
		Rev: rec.Rev, Facts: &rec.Event, TookUS: rec.TookUS}
	for _, s := range rec.Steps {
		x.Steps = append(x.Steps, ExplainedStep{Stage: s.Stage, Err: s.Err, Votes: s.Votes})
	}
	return x
}

// What a thread is shown of an explanation.
const (
	shortVotes  = 6
	shortValues = 3
	shortMisses = 4
	shortRunes  = 240 // of a line
)

// brief is the explanation in a few lines, for a thread.
func (x Explanation) brief() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		text := []rune(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ⏎ "))
		if len(text) > shortRunes {
			text = append(text[:shortRunes], '…')
		}
		b.WriteString(strings.TrimRight(string(text), " ") + "\n")
	}
	line("%s", subject(x.Facts))
	switch {
	case !x.Kind.Judged():
		line("noted · rev %s", pipeline.ShortRev(x.Rev))
	case len(x.top()) == 0:
		line("%s by %s: no rule and no hook has an opinion · rev %s", x.Verdict, x.By, pipeline.ShortRev(x.Rev))
	default:
		line("%s by %s · rev %s", x.Verdict, x.By, pipeline.ShortRev(x.Rev))
	}
	if x.Recorded != nil && (x.Recorded.Verdict != x.Verdict || x.Recorded.By != x.By) {
		line("  it was %s by %s under rev %s: the rules changed since", x.Recorded.Verdict, x.Recorded.By, pipeline.ShortRev(x.Recorded.Rev))
	}
	votes := x.top()
	for i, v := range votes {
		if i == shortVotes {
			line("  … and %d more", len(votes)-i)
			break
		}
		line("  %s%s: %s", pipeline.Names([]pipeline.Vote{v}), at(v), pipeline.Reasons([]pipeline.Vote{v}))
		for _, value := range x.held(v) {
			line("    %s%s", value.Text, saw(value))
		}
	}
	for _, v := range x.onTrial() {
		line("  on trial: %s%s would %s: %s", pipeline.Names([]pipeline.Vote{v}), at(v), v.Verdict, pipeline.Reasons([]pipeline.Vote{v}))
	}
	if len(x.Facts.Unknown) > 0 && x.Verdict > pipeline.Allow {
		line("  unknown: %s", strings.Join(x.Facts.Unknown, ", "))
	}
	for _, miss := range x.NearestMiss[:min(len(x.NearestMiss), shortMisses)] {
		line("nearest miss: %s", miss)
	}
	line("event %s", x.ID)
	return b.String()
}

// onTrial are votes of rules in shadow mode: they count for nothing yet.
func (x Explanation) onTrial() []pipeline.Vote {
	var out []pipeline.Vote
	for _, s := range x.Steps {
		for _, v := range s.Votes {
			if v.Shadow && len(out) < shortVotes {
				out = append(out, v)
			}
		}
	}
	return out
}

// top are the votes that gave the verdict; none where it is the default.
func (x Explanation) top() []pipeline.Vote {
	var all []pipeline.Vote
	for _, s := range x.Steps {
		all = append(all, s.Votes...)
	}
	_, top := pipeline.Top(all)
	return top
}

// held are the sub-expressions that made a rule vote, the last ones reached:
// they are the most particular.
func (x Explanation) held(v pipeline.Vote) []rules.Value {
	var out []rules.Value
	for _, s := range x.Steps {
		i := slices.IndexFunc(s.Rules, func(r rules.RuleStep) bool { return v.Source == pipeline.SourceRule && r.ID == v.By })
		if i < 0 {
			continue
		}
		for _, value := range slices.Backward(s.Rules[i].Values) {
			if value.Holds && value.Part == "when" && len(out) < shortValues {
				out = append(out, value)
			}
		}
	}
	slices.Reverse(out)
	return out
}

func at(v pipeline.Vote) string {
	if v.At == "" {
		return ""
	}
	return " (" + v.At + ")"
}

func saw(v rules.Value) string {
	if v.Saw == "" {
		return ""
	}
	return "   ← " + v.Saw
}
