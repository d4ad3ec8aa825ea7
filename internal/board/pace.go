package board

import "time"

// pace says when the list is looked at: one look at a time, and no sooner than
// the last change allows.
type pace struct {
	queued bool      // a look waits in the lane
	timer  time.Time // when the timer queues one; zero: it is not set
}

// wake asks for a look in a while, not before next. It reports false where one
// comes as early anyway; else a timer of this length takes the place of the one
// that is set, or, with 0, a look is queued at once.
func (p *pace) wake(now time.Time, in time.Duration, next time.Time) (wait time.Duration, ok bool) {
	at := now.Add(in)
	if next.After(at) {
		at = next
	}
	if p.queued || !p.timer.IsZero() && !at.Before(p.timer) {
		return 0, false
	}
	p.timer = time.Time{}
	if wait = at.Sub(now); wait > 0 {
		p.timer = at
	}
	return max(wait, 0), true
}

// fired: the timer has run out.
func (p *pace) fired() { p.timer = time.Time{} }
