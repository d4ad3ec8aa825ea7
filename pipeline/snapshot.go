package pipeline

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// Snapshot is one immutable version of the policy. A run holds the pointer it
// began with; the garbage collector takes an old one when its last run ends.
type Snapshot struct {
	Rev      Rev
	Chains   map[Kind][]Link // the floor before the first gate
	Default  map[Kind]Verdict
	OnError  map[Kind]Verdict // never Allow
	Approval Terms            // [approval]: what an ask that says nothing gets
	// Config is what internal/policy attaches for the packages outside the
	// pipeline; the engine never looks at it.
	Config any
}

// onError is the verdict of something that could not judge an event of kind k.
// A snapshot that says nothing, or says allow, denies.
func (s *Snapshot) onError(k Kind) Verdict {
	if v := s.OnError[k]; v > Allow {
		return v
	}
	return Deny
}

// Judge passes ev through its chain and returns the run. Nothing is performed.
// It never panics and always ends with a verdict; what a failing stage means
// is decided here, by the stage's role. Judge adds facts to ev.
func (s *Snapshot) Judge(ctx context.Context, ev *Event) *Run {
	return s.judge(ctx, ev, passage{})
}

// Rejudge judges a recorded event again: enrich stages are passed over, since
// its facts are in the record and the world has moved on.
func (s *Snapshot) Rejudge(ctx context.Context, ev *Event) *Run {
	return s.judge(ctx, ev, passage{recorded: true})
}

// passage is what an event takes along beside its facts.
type passage struct {
	recorded bool // the facts come from the journal
	met      ApprovalsMet
	forms    Forms
}

func (s *Snapshot) judge(ctx context.Context, ev *Event, with passage) *Run {
	ev.Rev = s.Rev
	r := newRun(s, ev)
	r.recorded, r.met, r.Forms, r.given = with.recorded, with.met, with.forms, slices.Clone(ev.Unknown)
	r.pass(ctx)
	if r.rewritten != nil {
		r = r.again(ctx)
	}
	return r
}

// again judges the input that a hook put in the place of Claude's. What was
// judged is what runs, so every stage sees it anew.
func (r *Run) again(ctx context.Context) *Run {
	ev := *r.Event // an abandoned hook may still read the old one
	ev.Tool.Input, ev.Tool.Hash, ev.Unknown = r.rewritten.input, r.rewritten.hash, slices.Clone(r.given)
	next := newRun(r.Snapshot, &ev)
	next.recorded, next.Rewrote, next.met = r.recorded, true, r.met
	if r.rewritten.clash {
		next.rewrittenTwice()
	}
	next.pass(ctx)
	next.Trace.Steps = append(r.Trace.Steps, next.Trace.Steps...)
	next.Trace.Took += r.Trace.Took
	return next
}

// pass runs the stages of the event's chain, up to a first rewrite.
func (r *Run) pass(ctx context.Context) {
	began := time.Now()
	defer func() { r.Trace.Took = time.Since(began) }()
	chain, ok := r.Snapshot.Chains[r.Event.Kind]
	if !ok {
		r.vote(Vote{Verdict: Deny, Source: SourceStage, By: "engine", Why: "no chain for " + string(r.Event.Kind), Err: "no chain"})
	}
	for i := range chain {
		if r.recorded && chain[i].Role == Enrich {
			r.unrecorded(&chain[i])
			continue
		}
		r.step(ctx, &chain[i])
		if r.rewritten == nil {
			continue
		}
		if !r.Rewrote {
			return
		}
		r.rewritten = nil
		r.rewrittenTwice()
	}
}

// unrecorded marks the facts of a recorded call unknown if its input is no
// longer the recorded one.
func (r *Run) unrecorded(link *Link) {
	if !r.Rewrote {
		return
	}
	for _, fact := range link.Produces {
		r.Event.MarkUnknown(fact)
	}
}

// rewrittenTwice votes for a call of which nobody can say any more what was
// judged. The chain goes on with the first rewrite, so that the call is
// answered.
func (r *Run) rewrittenTwice() {
	r.vote(Vote{Verdict: r.Snapshot.onError(r.Event.Kind), Source: SourceStage, By: "hooks",
		Why: "the tool's input was rewritten twice", Err: "second rewrite"})
}

// step runs one stage, and turns its failure into what its role says. Whatever
// else a failed stage did is taken back.
func (r *Run) step(ctx context.Context, link *Link) {
	began := time.Now()
	cast, effects, text, settings := len(r.votes), len(r.effects), r.text, r.Settings
	r.at = link
	err := r.guarded(ctx, link)
	r.at = nil
	st := Step{Stage: link.Name, Role: link.Role, Ran: r.ran}
	r.ran = nil
	if err != nil {
		st.Err = err.Error()
		r.effects, r.Settings, r.rewritten = r.effects[:effects], settings, nil
		if link.Role == Shape {
			r.text, r.Shown = text, Shown{}
		}
		r.fail(link, err)
	}
	st.Votes = r.votes[cast:len(r.votes):len(r.votes)]
	st.Took = time.Since(began)
	r.Trace.Steps = append(r.Trace.Steps, st)
}

// guarded turns a panic into an error: a broken stage must not take the
// daemon, and must not let anything pass.
func (r *Run) guarded(ctx context.Context, link *Link) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("stage %s panicked: %v", link.Name, p)
			r.Trace.Stack = string(debug.Stack())
		}
	}()
	return link.Stage.Handle(ctx, r)
}

// fail is the one place that says what an error means.
func (r *Run) fail(link *Link, err error) {
	switch link.Role {
	case Enrich:
		for _, fact := range link.Produces {
			r.Event.MarkUnknown(fact)
		}
	case Gate:
		r.vote(Vote{Verdict: r.Snapshot.onError(r.Event.Kind), Source: SourceStage, By: "stage " + link.Name,
			Why: "stage " + link.Name + " could not judge", Err: err.Error()})
	case Shape: // the text stays as it was; the trace says so
	default:
		r.Failed = fmt.Errorf("stage %s: %w", link.Name, err)
	}
}
