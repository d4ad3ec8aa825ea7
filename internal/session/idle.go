package session

import (
	"fmt"
	"math"
	"time"
)

const (
	// warnAhead is how long before its time-out an idle session is warned;
	// where that is all the time there is, half of it.
	warnAhead = 5 * time.Minute
	// idleLook is how often the idle clock is looked at, at least, so that a
	// changed session_timeout holds at once.
	idleLook = time.Minute
)

// watchIdle looks at the idle clock when something may be due; the lock is held.
func (s *Session) watchIdle(in time.Duration) {
	if s.life.timer != nil {
		s.life.timer.Stop()
	}
	if s.host.ctx.Err() == nil {
		s.life.timer = s.host.Clock.AfterFunc(min(max(in, 0), idleLook), s.lookIdle)
	}
}

// unwatchIdle stops the idle clock; the lock is held.
func (s *Session) unwatchIdle() {
	if s.life.timer != nil {
		s.life.timer.Stop()
		s.life.timer = nil
	}
}

// lookIdle warns, or pauses, a session in which nothing has happened for long.
func (s *Session) lookIdle() {
	defer s.contain("the idle clock", func() {})
	limit := s.host.settings().Timeout
	s.mu.Lock()
	if s.phase != idle {
		s.life.timer = nil
		s.mu.Unlock()
		return
	}
	if s.occupied() {
		s.touch()
	}
	quiet := s.host.Clock.Now().Sub(s.active)
	warn, over := idlePlan(limit)
	if limit > 0 && quiet >= over {
		s.unwatchIdle()
		s.mu.Unlock()
		s.timeOut(limit)
		return
	}
	due, text := over-quiet, ""
	switch {
	case limit <= 0:
		due = idleLook
	case quiet < warn:
		due = warn - quiet
	case !s.life.warned:
		text = warning(over - quiet)
		s.life.warned = true
		s.putLife(text)
	}
	s.watchIdle(due)
	s.mu.Unlock()
	if text != "" {
		s.tell(tellIdle, text)
	}
	s.refreshHeader() // the policy may be stale by now, a hook's circuit open
}

// idlePlan is how long nothing happens before people are warned, and before
// the session is paused.
func idlePlan(limit time.Duration) (warn, over time.Duration) {
	if limit <= warnAhead {
		return limit / 2, limit
	}
	return limit - warnAhead, limit
}

func warning(left time.Duration) string {
	return fmt.Sprintf("⏰ **Session idle** - will timeout in ~%s without activity", minutes(left))
}

// minutes is a duration in whole minutes, at least one.
func minutes(d time.Duration) string {
	n := max(int(math.Ceil(d.Minutes())), 1)
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// occupied reports that something goes on that nobody need be there for: a
// turn with its tools, a background task, a card that waits (RACE-13), a
// message that waits for Claude. The lock is held.
func (s *Session) occupied() bool {
	return s.turning || s.tasks > 0 || len(s.prompts) > 0 || len(s.queue) > 0
}

// timeOut pauses a session that has been idle for limit: Claude's process ends
// and its slot is free, the record stays. Grants end with it (SEC-15).
func (s *Session) timeOut(limit time.Duration) {
	s.mu.Lock()
	if s.phase != idle || s.occupied() || s.host.Clock.Now().Sub(s.active) < limit {
		if s.phase == idle { // something happened meanwhile
			s.watchIdle(idleLook)
		}
		s.mu.Unlock()
		return
	}
	agent := s.agent
	s.phase, s.life.why = paused, whyIdle
	s.words.Closed(s.host.Clock.Now())
	waits := s.words.Waits()
	s.cleared()
	gone := s.host.stop(agent)
	s.gone = gone
	text := fmt.Sprintf("⏰ **Session timed out** after %s of inactivity\n\n💡 React with 🔄 to resume, or send a new message to continue.", minutes(limit)) + s.endGrants()
	s.putLife(text)
	s.mu.Unlock()
	s.stopTyping()
	if waits {
		s.showLast()
	}
	s.log.Info("session timed out", "after", limit)
	s.refreshHeader()
	s.save()
	s.tell(tellTimedOut, text)
	s.host.release(s)
	go func() {
		<-gone
		s.host.release(s)
	}()
}
