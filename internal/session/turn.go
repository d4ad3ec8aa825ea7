package session

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/process"
	"ctpipe/internal/transcript"
)

func (s *Session) turnBegan(m *claude.Init) {
	s.Lock()
	s.process.Began(m)
	s.Unlock()
	s.speech().startTyping()
	s.headline().refreshHeader()
}

// turnEnded closes a turn: its cost, its state, and the answer's post.
func (s *Session) turnEnded(m *claude.Result) {
	s.Lock()
	agent, askModel := s.hands.agent, s.process.TurnEnded(m)
	s.inbox.Dealt(append(m.UserMessageUUIDs, m.UserMessageUUID)...)
	if s.process.Tasks == 0 {
		s.calls.TurnEnded()
	}
	s.Out.Apply(s.words.TurnEnded(s.process.Tasks > 0, s.host.Clock.Now())...)
	s.speech().showSoonLocked()
	s.Unlock()
	if askModel && agent != nil {
		s.askModel(agent)
	}
	s.speech().stopTyping()
	if text := transcript.Trouble(m); text != "" && !process.LostConversation(m) {
		s.Notice(text)
		if m.Subtype == "error_max_budget_usd" {
			s.tell(tellOverBudget, text)
		}
	}
	s.headline().refreshHeader()
	s.record().save()
	s.host.listed()
}
