package session

import (
	"encoding/json"
	"maps"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// answerQuestion takes a choice, or words in the place of one.
func (t *thread) answerQuestion(p desk.Prompt, v desk.Vote) {
	base := t.approval()
	t.mu.Lock()
	all, outcome, done := t.desk.Answer(p.ID, v, base, t.host.Clock.Now())
	t.applyLocked(done)
	if v.Meaning == "answer" && t.session != nil {
		t.session.wordedLocked(v.By)
	}
	if now := t.desk.Get(p.ID); now != nil {
		p = *now
	}
	t.mu.Unlock()
	if !all {
		return
	}
	input := maps.Clone(p.Input())
	input["answers"] = p.Answers.Given
	raw, err := json.Marshal(input)
	if err != nil {
		t.log.Error("encoding answers", "tool_use", p.Call.ID, "err", err)
		return
	}
	if !t.finish(p.ID, outcome) {
		return
	}
	t.mu.Lock()
	if t.session != nil {
		t.session.gate.Park(p.Call.Arrival, false)
	}
	t.mu.Unlock()
	t.answerClaude(p, claude.AskAnswer{Allow: true, UpdatedInput: raw})
}

// answerByText takes a message as the answer to the question that is open, and
// reports whether it was one. The post's rules have let the message through;
// whether its author may answer is decided as for a reaction on the question's
// card: by the reaction rules (meaning "answer") and by the rule that asked.
// Whoever wants to say something else to Claude cancels the question first, with
// !escape or !deny.
func (s *Session) answerByText(user pipeline.User, text string) bool {
	p, open := s.shown(desk.Question)
	if !open || strings.TrimSpace(text) == "" {
		return false
	}
	v, _, ok := s.counts(s.host.ctx, p, user, "answer", "")
	if !ok {
		return false
	}
	s.mu.Lock()
	unsure := s.desk.UnsureQuestion(user.ID, s.host.Clock.Now())
	s.mu.Unlock()
	if unsure {
		s.notice("❓ Somebody has answered the question before this one just now: if yours is for " + p.ID + ", write it again")
		return true
	}
	v.Words = text
	s.answerQuestion(p, v)
	return true
}
