package session

import (
	"context"

	"ctpipe/pipeline"
)

// What a session event tells (pipeline.Notice.What).
const (
	tellStarted    = "started"     // Claude runs for the first time
	tellIdle       = "idle"        // nothing has happened for long; it will time out
	tellTimedOut   = "timed_out"   // paused, since nothing happened
	tellOverBudget = "over_budget" // Claude says that its budget is used up
	tellExited     = "exited"      // Claude's process ended by itself; the session can go on
	tellLost       = "lost"        // the session ended, since Claude cannot go on
	tellResumed    = "resumed"     // Claude runs again
	tellEnded      = "ended"       // somebody ended the session
)

// tell makes a session event of what happened, for rules, hooks and the
// journal. It returns at once: the event is handled in a lane of its own, with
// the session's facts as they are now. No lock is held.
func (s *Session) tell(what, text string) {
	ev := s.host.eventOf(pipeline.KindSession, s.Root, s)
	ev.Notice = pipeline.Notice{What: what, Text: text}
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/events", func(ctx context.Context) {
		s.host.Engine.Handle(ctx, ev)
	})
	if err != nil {
		s.log.Warn("nobody is told of a session's event", "what", what, "err", err)
	}
	s.host.listed() // the channel's list shows it
}
