package session

import (
	"ctpipe/internal/clock"
	"ctpipe/internal/outbox"
)

// Why a session is paused.
const (
	whyIdle    = "idle"    // it timed out
	whyRestart = "restart" // ctpipe was stopped, or killed
	whyExit    = "exit"    // Claude's process ended, or could not be started
)

// life is what the thread is told of a session's pauses. One post says it,
// from the warning to the resumption (behaviour 2.2). The session's lock
// guards it.
type life struct {
	timer  clock.Timer // the next look at the idle clock
	key    string
	warned bool
	begun  bool   // Claude has run before
	why    string // of the pause, "" where it is none
	by     string // who resumed it, if somebody did with a reaction
}

// putLife writes into the post of the session's pause, or makes one; the lock
// is held.
func (s *Session) putLife(text string) {
	if s.life.key == "" {
		s.words.Seal()
		s.life.key = s.key("life")
	}
	s.out.Put(s.life.key, outbox.Draft{Text: s.host.clean(text), Props: outbox.Props("notice")})
}

// endLife leaves the post of the pause as it is; the lock is held.
func (s *Session) endLife() {
	if s.life.key != "" {
		s.out.Seal(s.life.key)
	}
	s.life.key, s.life.warned = "", false
}

// awake takes back a warning, since something happened; the lock is held.
func (s *Session) awake() {
	if s.life.warned && s.phase == idle {
		s.putLife("▶️ *Session active again*")
		s.endLife()
	}
}

// goesOn notes that Claude runs, and says what the thread is to know of it; the
// lock is held. In the post of the pause, if there is one; else only where
// nobody could have expected it.
func (s *Session) goesOn() (what, text string) {
	what, text = tellStarted, "Claude runs"
	if s.life.begun {
		what = tellResumed
		text = s.resumption()
		if s.life.key != "" || s.life.by != "" || s.life.why == whyRestart {
			s.putLife(text)
			s.endLife()
		}
	}
	s.life.begun, s.life.why, s.life.by = true, "", ""
	s.watchIdle(0)
	return what, text
}

func (s *Session) resumption() string {
	text := "🔄 **Session resumed**"
	if s.life.by != "" {
		text += " by " + s.life.by
	}
	if s.life.why == whyRestart {
		text += " after bot restart (v" + s.host.Version + ")"
		if s.turns > 0 {
			text += "\n*Reconnected to Claude session. You can continue where you left off.*"
		}
	}
	return text
}

// cannotResume reports, as a text, that a session's directory is gone.
func cannotResume(dir string) string {
	return "⚠️ **Cannot resume session** - working directory no longer exists:\n" + inCode(dir) + "\n\nPlease start a new session."
}
