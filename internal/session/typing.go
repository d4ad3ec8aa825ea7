package session

import (
	"ctpipe/internal/process"
	"time"
)

// typingEvery is how often the indicator is renewed; the server shows it for
// a few seconds.
const typingEvery = 3 * time.Second

// startTyping shows that Claude is at work until stopTyping.
func (s speech) startTyping() {
	s.Lock()
	defer s.Unlock()
	if s.hands.typing == nil && s.stateLocked() == process.Running {
		s.hands.typing = s.host.Clock.AfterFunc(0, s.type1)
	}
}

func (s speech) type1() {
	defer s.Contain("typing", func() {})
	s.Lock()
	if s.hands.typing == nil || s.stateLocked() != process.Running {
		s.hands.typing = nil
		s.Unlock()
		return
	}
	mine := s.hands.typing
	s.Unlock()
	if err := s.host.Chat.Typing(s.host.ctx, s.host.Channel.ID, string(s.Root)); err != nil {
		s.log.Debug("typing", "err", err)
	}
	s.Lock() // the next one only now: a slow server has one at a time
	defer s.Unlock()
	if s.hands.typing == mine && s.host.ctx.Err() == nil {
		s.hands.typing = s.host.Clock.AfterFunc(typingEvery, s.type1)
	}
}

func (s speech) stopTyping() {
	s.Lock()
	defer s.Unlock()
	if s.hands.typing != nil {
		s.hands.typing.Stop()
		s.hands.typing = nil
	}
}
