package pipeline

import "slices"

// Run is one event's passage through one snapshot. It is used by one
// goroutine at a time.
type Run struct {
	Event    *Event
	Snapshot *Snapshot
	Settings Settings
	Trace    Trace
	Rewrote  bool  // a hook replaced the tool's input; Event holds the new one
	Failed   error // an act stage failed: no effect of this run is performed
	// Carry is what an enrich stage hands to the next one, so that both need not
	// work out the same. It is no fact: nothing that judges reads it.
	Carry any
	// Forms are the ways in which a show event's block can be shown. They are no
	// fact either: what judges reads the event's text, which holds all of them.
	Forms Forms
	Shown Shown // how the thread gets the block, once a stage has shaped it

	recorded  bool
	met       ApprovalsMet // nil unless people have answered
	given     []string     // Event.Unknown before the first stage
	votes     []Vote
	effects   []queued
	text      *string
	rewritten *rewrite
	at        *Link // the stage that is running
	ran       []Ran // of that stage
}

// queued is an effect that waits for the end of its run.
type queued struct {
	effect  Effect
	allowed bool // performed only if the run is Allowed
}

type rewrite struct {
	input map[string]any
	hash  string
	clash bool // two hooks gave different inputs
}

func newRun(s *Snapshot, ev *Event) *Run {
	return &Run{Event: ev, Snapshot: s, Trace: Trace{Steps: make([]Step, 0, len(s.Chains[ev.Kind]))}}
}

// Vote casts a vote. Only gates vote: from a stage of another role, or outside
// of any stage, the vote is turned into a denial, since something is wired
// wrongly.
func (r *Run) Vote(v Vote) {
	switch {
	case r.at == nil:
		v = Vote{Verdict: Deny, Source: SourceStage, By: "engine", Why: "a vote was cast outside of the chain", Err: "vote by no stage"}
	case r.at.Role != Gate:
		v = Vote{Verdict: Deny, Source: SourceStage, By: "stage " + r.at.Name,
			Why: "stage " + r.at.Name + " may not vote", Err: "vote by a stage that is no gate"}
	}
	r.vote(v)
}

// VoteAll casts the votes of a gate that has many, in order. The slice is the
// run's from here on; the caller keeps no part of it.
func (r *Run) VoteAll(votes []Vote) {
	if len(r.votes) > 0 || r.at == nil || r.at.Role != Gate {
		r.votes = slices.Grow(r.votes, len(votes))
		for i := range votes {
			r.Vote(votes[i])
		}
		return
	}
	for i := range votes {
		r.promise(&votes[i])
	}
	r.votes = votes
}

func (r *Run) vote(v Vote) {
	r.promise(&v)
	r.votes = append(r.votes, v)
}

// promise keeps the two promises that every vote makes: it is a verdict, and
// what could not be judged is never allowed.
func (r *Run) promise(v *Vote) {
	if v.Verdict > Deny {
		v.Verdict = Deny
	}
	if v.Err != "" && v.Verdict == Allow {
		v.Verdict = r.Snapshot.onError(r.Event.Kind)
	}
}

// Votes returns every vote cast, in order; the caller does not change them.
func (r *Run) Votes() []Vote { return r.votes }

// Verdict is the maximum of all votes and the votes that reached it. If
// nothing voted it is the snapshot's default, cast under SourceDefault.
func (r *Run) Verdict() (Verdict, []Vote) { return r.verdictOf(r.votes) }

// VerdictWithout is what Verdict would be had some votes not been cast.
func (r *Run) VerdictWithout(some func(Vote) bool) (Verdict, []Vote) {
	return r.verdictOf(slices.DeleteFunc(slices.Clone(r.votes), some))
}

func (r *Run) verdictOf(votes []Vote) (Verdict, []Vote) {
	v, top := Top(votes)
	if v != Abstain {
		return v, top
	}
	d := r.Snapshot.Default[r.Event.Kind]
	if d == Abstain || d > Deny {
		d = Deny
	}
	return d, []Vote{{Verdict: d, Source: SourceDefault, By: "default", Why: "no rule or hook voted"}}
}

// Do adds an effect. Effects are performed after the last stage, in order.
func (r *Run) Do(e Effect) { r.effects = append(r.effects, queued{effect: e}) }

// DoIfAllowed adds an effect that is performed only if the run ends with
// Allow. It is for gates, which return effects before the verdict is known.
func (r *Run) DoIfAllowed(e Effect) { r.effects = append(r.effects, queued{effect: e, allowed: true}) }

// Effects returns what the run wants done; nothing if an act stage failed.
func (r *Run) Effects() []Effect {
	if r.Failed != nil || len(r.effects) == 0 {
		return nil
	}
	allowed := r.Allowed()
	out := make([]Effect, 0, len(r.effects))
	for _, q := range r.effects {
		if !q.allowed || allowed {
			out = append(out, q.effect)
		}
	}
	return out
}

// Text is the text of a show or post event as the stages have shaped it.
func (r *Run) Text() string {
	switch {
	case r.text != nil:
		return *r.text
	case r.Event.Kind == KindShow:
		return r.Event.Show.Text
	case r.Event.Kind == KindStart:
		return r.Event.Start.Prompt
	}
	return r.Event.Post.Text
}

// SetText replaces the text that later stages and the thread, or Claude, see.
// The event keeps what came.
func (r *Run) SetText(s string) { r.text = &s }

// Rewrite replaces the input of the tool call; hash is that of the new call.
// The run ends here and the call is judged again from the start. A hash that
// the call has already changes nothing. A second rewrite, or two different
// ones by two hooks, are an error: what was judged must be what runs.
func (r *Run) Rewrite(input map[string]any, hash string) {
	if hash == r.Event.Tool.Hash {
		return
	}
	clash := r.rewritten != nil && (r.rewritten.clash || r.rewritten.hash != hash)
	r.rewritten = &rewrite{input: input, hash: hash, clash: clash}
}

// Ran notes the parts that the stage that is running has run, for the trace. The
// slice is the run's from here on.
func (r *Run) Ran(parts []Ran) { r.ran = parts }

// Recorded reports that the facts of this event come from the journal.
func (r *Run) Recorded() bool { return r.recorded }
