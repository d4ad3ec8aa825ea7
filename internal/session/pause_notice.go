package session

import (
	"ctpipe/internal/outbox"
	"ctpipe/internal/process"
)

// putPauseLocked writes into the post of the session's pause, or makes one.
func (s pacer) putPauseLocked(text string) {
	if s.pause.Key == "" {
		s.words.Seal()
		s.pause.Key = s.NewKey("life")
	}
	s.Out.Put(s.pause.Key, outbox.Draft{Text: s.host.clean(text), Props: outbox.Props("notice")})
}

// endPauseLocked leaves the post of the pause as it is.
func (s pacer) endPauseLocked() {
	if s.pause.Key != "" {
		s.Out.Seal(s.pause.Key)
	}
	s.pause.Key, s.pause.Warned = "", false
}

// touchLocked notes that something happened, and takes back a warning.
func (s *Session) touchLocked() {
	s.pause.Active = s.host.Clock.Now()
	if s.pause.Warned && s.process.Phase == process.Idle {
		s.pacer().putPauseLocked("▶️ *Session active again*")
		s.pacer().endPauseLocked()
	}
}
