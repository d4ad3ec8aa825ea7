package pipeline

// Run is one event's passage through one snapshot. It is used by one
// goroutine at a time.
type Run struct {
	Event    *Event
	Snapshot *Snapshot
	Settings Settings
	Trace    Trace
	Rewrote  bool  // a hook replaced the tool's input; Event holds the new one
	Failed   error // an act stage failed: no effect of this run is performed

	recorded  bool
	votes     []Vote
	effects   []Effect
	text      *string
	rewritten *rewrite
	at        *Link // the stage that is running
	step0     int   // votes cast before it
}

type rewrite struct {
	input map[string]any
	hash  string
}

func newRun(s *Snapshot, ev *Event) *Run {
	return &Run{Event: ev, Snapshot: s, Trace: Trace{Steps: make([]Step, 0, len(s.Chains[ev.Kind]))}}
}

// Vote casts a vote. Only gates vote: from a stage of another role the vote
// is turned into a denial, since something is wired wrongly.
func (r *Run) Vote(v Vote) {
	if r.at != nil && r.at.Role != Gate {
		v = Vote{Verdict: Deny, Source: SourceStage, By: "stage " + r.at.Name,
			Why: "stage " + r.at.Name + " may not vote", Err: "vote by a stage that is no gate"}
	}
	r.vote(v)
}

func (r *Run) vote(v Vote) {
	if v.Verdict > Deny {
		v.Verdict = Deny
	}
	r.votes = append(r.votes, v)
}

// Votes returns every vote cast, in order; the caller does not change them.
func (r *Run) Votes() []Vote { return r.votes }

// Verdict is the maximum of all votes and the votes that reached it. If
// nothing voted it is the snapshot's default, cast under SourceDefault.
func (r *Run) Verdict() (Verdict, []Vote) {
	v, top := Top(r.votes)
	if v != Abstain {
		return v, top
	}
	d, ok := r.Snapshot.Default[r.Event.Kind]
	if !ok || d == Abstain {
		d = Deny
	}
	return d, []Vote{{Verdict: d, Source: SourceDefault, By: "default", Why: "no rule or hook voted"}}
}

// Do adds an effect. Effects are performed after the last stage, in order.
func (r *Run) Do(e Effect) { r.effects = append(r.effects, e) }

// Effects returns what the run wants done; nothing if an act stage failed.
func (r *Run) Effects() []Effect {
	if r.Failed != nil {
		return nil
	}
	return r.effects
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
// The run ends here and the call is judged again from the start.
func (r *Run) Rewrite(input map[string]any, hash string) {
	r.rewritten = &rewrite{input: input, hash: hash}
}

// Recorded reports that the facts of this event come from the journal.
func (r *Run) Recorded() bool { return r.recorded }
