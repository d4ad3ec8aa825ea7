package session

import (
	"ctpipe/internal/claude"
)

// handler hears one agent. What an agent says that has been replaced is for
// nobody.
func (s *Session) handler(gen int) claude.Handler {
	current := func(f func()) {
		s.Lock()
		ok := s.process.Current(gen)
		s.Unlock()
		if ok {
			f()
		}
	}
	return claude.Handler{
		Message:  func(m claude.Message) { current(func() { s.hear(m) }) },
		Gate:     func(c claude.GateCall) { current(func() { s.gatekeeper().preToolUse(c) }) },
		Ask:      func(c claude.AskCall) { current(func() { s.gatekeeper().canUseTool(c) }) },
		Withdraw: func(id string) { current(func() { s.gatekeeper().withdrawn(id) }) },
		Exit:     func(e claude.Exit) { current(func() { s.exited(e) }) },
	}
}

// hear takes one message of Claude's. It is called by the goroutine that reads
// the CLI and does nothing that waits.
func (s *Session) hear(m claude.Message) {
	if _, unknown := m.(*claude.Unknown); !unknown {
		s.Lock()
		s.touchLocked()
		s.Unlock()
	}
	switch m := m.(type) {
	case *claude.Assistant:
		if !s.speech().heardWords(m) {
			s.Lock()
			s.process.Filled(m)
			s.Unlock()
		}
	case *claude.User:
		s.speech().heardResults(m)
	case *claude.Init:
		s.turnBegan(m)
	case *claude.Result:
		s.turnEnded(m)
	case *claude.CommandLifecycle:
		if m.State == "completed" || m.State == "cancelled" {
			s.Lock()
			s.inbox.Dealt(m.CommandUUID)
			s.Unlock()
		}
	case *claude.CompactBoundary:
		s.Lock()
		s.process.Used = m.Metadata.PostTokens
		s.Unlock()
		s.speech().heardWords(m)
	case *claude.BackgroundTasks:
		s.Lock()
		s.process.Background(len(m.Tasks), s.host.Clock.Now())
		s.Unlock()
	case *claude.Unknown:
		s.log.Debug("claude said something new", "type", m.Type)
	default:
		s.speech().heardWords(m)
	}
}
