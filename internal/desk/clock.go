package desk

import (
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// lastMinutes is when a card begins to say each minute how long is left.
// Before, it says so at its votes only: an edit costs the server the thread.
const lastMinutes = 5 * time.Minute

// nextTick is the next minute that counts before a deadline, zero if none does.
func nextTick(deadline, now time.Time) time.Time {
	left := deadline.Sub(now)
	wait := left - lastMinutes
	if wait <= 0 {
		if wait = left % time.Minute; wait == 0 {
			wait = time.Minute
		}
	}
	if wait >= left {
		return time.Time{}
	}
	return now.Add(wait)
}

// Next is when Tick has something to do, zero if never.
func (d *Desk) Next() time.Time {
	var next time.Time
	for _, p := range d.prompts {
		for _, at := range []time.Time{p.Deadline, p.Tick} {
			if !at.IsZero() && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// Tick brings the cards to a moment: those that are due say how long is left.
// Expired are the ids of prompts whose time is up; they stay open until Finish,
// but are named once.
func (d *Desk) Tick(base pipeline.Terms, now time.Time) (expired []string, changes []outbox.Change) {
	for _, p := range d.prompts {
		if due(p.Deadline, now) {
			p.Deadline, p.Tick = time.Time{}, time.Time{}
			expired = append(expired, p.ID)
			continue
		}
		if due(p.Tick, now) {
			p.Tick = nextTick(p.Deadline, now)
			changes = append(changes, d.Refresh(p.ID, base, now)...)
		}
	}
	return expired, changes
}

func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// timeLeft says how long a prompt waits yet.
func timeLeft(p *Prompt, now time.Time) string {
	if p.Deadline.IsZero() {
		return ""
	}
	return " · ⏳ " + display.Spoken(max(p.Deadline.Sub(now), 0)) + " left"
}
