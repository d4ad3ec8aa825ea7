package session

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
)

// exited is the end of Claude's process that nobody here asked for.
func (s *Session) exited(e claude.Exit) {
	s.Lock()
	s.words.Closed(s.host.Clock.Now())
	how := s.process.Exited(len(s.inbox.Queue) > 0)
	s.goneLocked("⏹️ *Claude ended before this was answered*")
	text := process.ExitText(how, e, s.process.Fails)
	if how == process.ExitPaused {
		s.pause.Why = process.WhyExit
		text += s.endGrantsLocked()
	}
	s.pacer().unwatchIdleLocked()
	if s.pause.Warned {
		s.pacer().putPauseLocked("⏹️ *Claude ended before the session timed out*")
		s.pacer().endPauseLocked()
	}
	over := s.process.Phase == process.Ended
	if over {
		text += s.inbox.Undelivered()
	}
	s.words.Dropped(s.host.Clock.Now())
	s.Unlock()
	s.speech().stopTyping()
	s.speech().showLast()
	s.log.Warn("claude exited", "code", e.Code, "signal", e.Signal, "err", e.Err)
	s.Notice(text)
	switch {
	case over:
		s.lost(text)
	case how == process.ExitAgain:
		s.record().save()
		s.tell(tellExited, text)
		s.launcher().spawn(s.launcher().resumable())
	default:
		s.record().save()
		s.headline().refreshHeader()
		s.tell(tellExited, text)
		s.host.slots().release(s)
	}
}

// lost takes leave of a session that ended by itself.
func (s *Session) lost(text string) {
	s.Lock()
	s.VoidLocked(thread.OfSession, endedBefore)
	s.Unlock()
	s.host.slots().bury(s)
	s.headline().farewell()
	s.tell(tellLost, text)
	s.host.slots().release(s)
}
