package session

import (
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
	"strings"
)

// answerByText takes a message as the answer to the question that is open, and
// reports whether it was one. The post's rules have let the message through;
// whether its author may answer is decided as for a reaction on the question's
// card: by the reaction rules (meaning "answer") and by the rule that asked.
// Whoever wants to say something else to Claude cancels the question first, with
// !escape or !deny.
func (s mail) answerByText(said pipeline.Prompt) bool {
	user, text := said.From, said.Text
	p, open := s.Shown(desk.Question, s.host.delivered.Written(said.Post))
	if !open || strings.TrimSpace(text) == "" {
		return false
	}
	v, _, ok := s.Counts(s.host.ctx, p, user, "answer", "")
	if !ok {
		return false
	}
	s.Lock()
	unsure := s.Desk.UnsureQuestion(user.ID, s.host.Clock.Now())
	s.Unlock()
	if unsure {
		s.Notice("❓ Somebody has answered the question before this one just now: if yours is for " + p.ID + ", write it again")
		return true
	}
	v.Words = text
	s.AnswerQuestion(p, v)
	return true
}
