package thread

import (
	"encoding/json"
	"maps"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
)

// AnswerQuestion takes a choice, or words in the place of one.
func (t *Thread) AnswerQuestion(p desk.Prompt, v desk.Vote) {
	base := t.Approval()
	t.Lock()
	all, outcome, done := t.Desk.Answer(p.ID, v, base, t.now())
	t.ApplyLocked(done)
	if v.Meaning == "answer" && t.session != nil {
		t.session.WordedLocked(v.By)
	}
	if now := t.Desk.Get(p.ID); now != nil {
		p = *now
	}
	t.Unlock()
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
	if !t.Finish(p.ID, outcome) {
		return
	}
	t.Lock()
	if t.session != nil {
		t.session.ParkLocked(p.Call.Arrival, false)
	}
	t.Unlock()
	t.answering().answerClaude(p, claude.AskAnswer{Allow: true, UpdatedInput: raw})
}
