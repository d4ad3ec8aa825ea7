package session

import (
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
	"fmt"
	"time"
)

// watchIdleLocked looks at the idle clock when something may be due.
func (s pacer) watchIdleLocked(in time.Duration) {
	s.unwatchIdleLocked()
	if s.host.ctx.Err() == nil {
		s.hands.idle = s.host.Clock.AfterFunc(min(max(in, 0), process.IdleLook), s.lookIdle)
	}
}

// unwatchIdleLocked stops the idle clock.
func (s pacer) unwatchIdleLocked() {
	if s.hands.idle != nil {
		s.hands.idle.Stop()
		s.hands.idle = nil
	}
}

// lookIdle warns, or pauses, a session in which nothing has happened for long.
func (s pacer) lookIdle() {
	defer s.Contain("the idle clock", func() {})
	limit := s.host.settings().Timeout
	s.Lock()
	if s.process.Phase != process.Idle {
		s.hands.idle = nil
		s.Unlock()
		return
	}
	if s.occupiedLocked() {
		s.touchLocked()
	}
	step := s.pause.Look(limit, s.host.Clock.Now())
	if step.Over {
		s.unwatchIdleLocked()
		s.Unlock()
		s.timeOut(limit)
		return
	}
	if step.Warn != "" {
		s.putPauseLocked(step.Warn)
	}
	s.watchIdleLocked(step.Next)
	s.Unlock()
	if step.Warn != "" {
		s.tell(tellIdle, step.Warn)
	}
	s.headline().refreshHeader() // the policy may be stale by now, a hook's circuit open
}

// occupiedLocked reports that something goes on that nobody need be there for: a
// turn with its tools, a background task, a card that waits, a message that
// waits for Claude.
func (s pacer) occupiedLocked() bool {
	return s.process.Turning || s.process.Tasks > 0 || s.Desk.Count(thread.OfSession) > 0 || len(s.inbox.Queue) > 0
}

// timeOut pauses a session that has been idle for limit: Claude's process ends
// and its slot is free, the record stays. Grants end with it.
func (s pacer) timeOut(limit time.Duration) {
	s.Lock()
	if s.process.Phase != process.Idle || s.occupiedLocked() || s.host.Clock.Now().Sub(s.pause.Active) < limit {
		if s.process.Phase == process.Idle { // something happened meanwhile
			s.watchIdleLocked(process.IdleLook)
		}
		s.Unlock()
		return
	}
	s.process.Phase, s.pause.Why = process.Paused, process.WhyIdle
	s.words.Closed(s.host.Clock.Now())
	waits := s.words.Waits()
	gone := s.host.stop(s.goneLocked(""))
	s.hands.gone = gone
	text := fmt.Sprintf("⏰ **Session timed out** after %s of inactivity\n\n💡 React with 🔄 to resume, or send a new message to continue.", process.Minutes(limit)) + s.endGrantsLocked()
	s.putPauseLocked(text)
	s.Unlock()
	s.speech().stopTyping()
	if waits {
		s.speech().showLast()
	}
	s.log.Info("session timed out", "after", limit)
	s.headline().refreshHeader()
	s.record().save()
	s.tell(tellTimedOut, text)
	s.host.slots().release(s.Session)
	go func() {
		<-gone
		s.host.slots().release(s.Session)
	}()
}
