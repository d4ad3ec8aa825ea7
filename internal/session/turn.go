package session

import "ctpipe/internal/claude"

func (s *Session) turnBegan(m *claude.Init) {
	s.mu.Lock()
	s.process.began(m)
	s.mu.Unlock()
	s.startTyping()
	s.refreshHeader()
}

// turnEnded closes a turn: its cost, its state, and the answer's post.
func (s *Session) turnEnded(m *claude.Result) {
	s.mu.Lock()
	agent, askModel := s.hands.agent, s.process.turnEnded(m)
	s.inbox.dealt(append(m.UserMessageUUIDs, m.UserMessageUUID)...)
	if s.process.Tasks == 0 {
		s.gate.turnEnded()
	}
	pieces := append(s.stream.drop(0), s.openLines()...)
	pieces = append(append(pieces, s.compaction.stop()...), s.listAgain()...)
	s.mu.Unlock()
	if askModel && agent != nil {
		s.askModel(agent)
	}
	s.show(pieces...)
	s.mu.Lock()
	s.pages.seal()
	s.pages.forget() // unless a block is still to be shown; that flush forgets
	s.mu.Unlock()
	s.stopTyping()
	if text := resultTrouble(m); text != "" && !lostConversation(m) {
		s.notice(text)
		if m.Subtype == "error_max_budget_usd" {
			s.tell(tellOverBudget, text)
		}
	}
	s.refreshHeader()
	s.save()
	s.host.listed()
}
