package session

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

const noPlan = "*(no plan was written down)*"

// plan is the text of a plan.
func (p *prompt) plan() string {
	plan, _ := p.input()["plan"].(string)
	return plan
}

// planHead is the first line of a plan's card.
const planHead = "✅ **Plan ready for approval**"

const planFoot = "👍 Approve and start building\n👎 Request changes\n\n*React to respond, or write* `!deny <what to change>`"

// planBody is a plan as its card shows it, and whether that is all of it.
func planBody(p *prompt) (body string, whole bool) {
	plan := p.plan()
	if strings.TrimSpace(plan) == "" {
		return noPlan, true
	}
	return quote(strings.TrimRight(plan, "\n"), inputRunes), runesWithin(plan, inputRunes)
}

// begin lets Claude do what its plan says.
func (s *Session) begin(p *prompt, run *pipeline.Run, v vote) {
	outcome := "✅ **Plan approved** by " + s.who(v.by) + " - starting implementation..."
	if p.edit != nil {
		outcome += "\n\n✏️ " + s.who(p.edit.by) + " changed it:\n" + p.edit.diff
	}
	if !s.finish(p, outcome) {
		return
	}
	s.park(p.open, false)
	if p.edit != nil {
		s.mu.Lock()
		s.worded(p.edit.by)
		s.mu.Unlock()
	}
	s.answerAsk(p.call.RequestID, allowed(run, p.call))
	s.startTyping()
}

// ruled are the asks that say who answers: not the default, and not the floor,
// for which a plan or question goes to people anyway.
func ruled(votes []pipeline.Vote) []pipeline.Vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v pipeline.Vote) bool {
		return v.Verdict != pipeline.Ask || v.Source == pipeline.SourceDefault || v.Source == pipeline.SourceFloor
	})
}
