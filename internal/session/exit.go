package session

import (
	"fmt"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
)

// exited is the end of Claude's process that nobody here asked for.
func (s *Session) exited(e claude.Exit) {
	s.Lock()
	s.words.Closed(s.host.Clock.Now())
	how := s.process.Exited(len(s.inbox.Queue) > 0)
	s.goneLocked("⏹️ *Claude ended before this was answered*")
	text := exitText(how, e, s.process.Fails)
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
	s.VoidLocked(thread.OfSession, "⏹️ *The session ended before this was answered*")
	s.Unlock()
	s.host.slots().bury(s)
	s.headline().farewell()
	s.tell(tellLost, text)
	s.host.slots().release(s)
}

func exitText(how process.Ending, e claude.Exit, fails int) string {
	why := exitReason(e)
	switch how {
	case process.ExitAgain:
		return fmt.Sprintf("**[Exited: %d]**%s\n\n🔄 Claude is started again for the messages that wait.", e.Code, why)
	case process.ExitNever:
		return fmt.Sprintf("⚠️ **Session ended** before Claude could respond (exit code %d)%s. Please start a new session.", e.Code, why)
	case process.ExitForgotten:
		return "⚠️ **Session ended:** Claude does not have this conversation any more. Please start a new session."
	case process.ExitFails:
		return fmt.Sprintf("⚠️ **Session ended** after %d starts without an answer (exit code %d)%s. Please start a new session.", fails, e.Code, why)
	}
	return fmt.Sprintf("**[Exited: %d]**%s\n\n💡 Write here to resume.", e.Code, why)
}

// exitReason is why Claude ended, as far as it said so.
func exitReason(e claude.Exit) string {
	why := lastLine(e.Stderr)
	if e.Err != nil {
		why = e.Err.Error()
	}
	if why == "" {
		return ""
	}
	return ": " + markdown.Plain(paginate.Cut(why, 500))
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
