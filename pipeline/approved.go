package pipeline

import "context"

// ApprovalsMet says whether people have answered the asks that reached the verdict of a
// run. It is asked when every gate has voted, and more than once.
type ApprovalsMet func(r *Run, asks []Vote) bool

// Reconsider judges ev again, from the start and under the snapshot in force,
// because people have answered what it waited for. Where the verdict is Ask
// and met says that they were enough, the run is Allowed; a denial wins. It is
// observed, and nothing is performed.
func (e *Engine) Reconsider(ctx context.Context, ev *Event, met ApprovalsMet) *Run {
	r := e.snap.Load().judge(ctx, ev, false, met)
	if e.observe != nil {
		e.seen(r)
	}
	return r
}

// Allowed reports that the event may pass: nothing asks or denies, or people
// have answered all that asks. Act stages go by it.
func (r *Run) Allowed() bool {
	verdict, top := r.Verdict()
	return verdict == Allow || verdict == Ask && r.met != nil && r.met(r, top)
}

// Again reports that the event has waited for people and is judged once more.
func (r *Run) Again() bool { return r.met != nil }
