package session

import (
	"ctpipe/internal/claude"
)

// handler hears one agent. What an agent says that has been replaced is for
// nobody.
func (s *Session) handler(gen int) claude.Handler {
	current := func(f func()) {
		s.mu.Lock()
		ok := s.process.current(gen)
		s.mu.Unlock()
		if ok {
			f()
		}
	}
	return claude.Handler{
		Message:  func(m claude.Message) { current(func() { s.hear(m) }) },
		Gate:     func(c claude.GateCall) { current(func() { s.preToolUse(c) }) },
		Ask:      func(c claude.AskCall) { current(func() { s.canUseTool(c) }) },
		Withdraw: func(id string) { current(func() { s.withdrawn(id) }) },
		Exit:     func(e claude.Exit) { current(func() { s.exited(e) }) },
	}
}

// hear takes one message of Claude's. It is called by the goroutine that reads
// the CLI and does nothing that waits.
func (s *Session) hear(m claude.Message) {
	if _, unknown := m.(*claude.Unknown); !unknown {
		s.mu.Lock()
		s.touchLocked()
		s.mu.Unlock()
	}
	switch m := m.(type) {
	case *claude.StreamEvent:
		s.mu.Lock()
		pieces := s.stream.event(m)
		s.mu.Unlock()
		s.show(pieces...)
	case *claude.Assistant:
		s.heardAssistant(m)
	case *claude.User:
		s.heardResults(m)
	case *claude.Init:
		s.turnBegan(m)
	case *claude.Result:
		s.turnEnded(m)
	case *claude.APIRetry:
		s.mu.Lock()
		gone := s.stream.drop(0)
		s.mu.Unlock()
		s.show(gone...)
	case *claude.CommandLifecycle:
		if m.State == "completed" || m.State == "cancelled" {
			s.mu.Lock()
			s.inbox.dealt(m.CommandUUID)
			s.mu.Unlock()
		}
	case *claude.TaskProgress:
		s.progressed(m)
	case *claude.TaskNotification:
		s.notified(m)
	case *claude.Status:
		s.mu.Lock()
		pieces := s.compaction.status(m)
		s.mu.Unlock()
		s.show(pieces...)
	case *claude.CompactBoundary:
		s.mu.Lock()
		s.process.Used = m.Metadata.PostTokens
		pieces := s.compaction.boundary(m)
		s.mu.Unlock()
		s.show(pieces...)
	case *claude.BackgroundTasks:
		s.mu.Lock()
		s.process.background(len(m.Tasks), s.host.Clock.Now())
		s.mu.Unlock()
	case *claude.RateLimit:
		s.limitNear(m)
	case *claude.Unknown:
		s.log.Debug("claude said something new", "type", m.Type)
	}
}

func (s *Session) heardAssistant(m *claude.Assistant) {
	s.mu.Lock()
	if s.stream.repeated(m.UUID) {
		s.mu.Unlock()
		return
	}
	s.process.filled(m)
	var pieces []piece
	if m.ParentToolUseID == "" {
		pieces = s.stream.assistant(m)
	}
	for _, b := range m.Message.Content {
		if use, ok := b.(claude.ToolUseBlock); ok {
			pieces = append(pieces, s.called(use, m.ParentToolUseID)...)
		}
	}
	s.mu.Unlock()
	switch {
	case m.Error != "" || m.IsAPIErrorMessage:
		pieces = troubled(pieces, m)
	case m.LocalCommandSource != "":
		pieces = local(pieces)
	}
	s.show(pieces...)
}

// endLinesLocked ends the lines of all calls and of what else was under way.
func (s *Session) endLinesLocked() []piece {
	return append(s.closeLines(), s.compaction.stop()...)
}
