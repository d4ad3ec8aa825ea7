package session

import (
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// planText is the card of a plan, with the plan whole.
func planText(p *prompt) string {
	return "✅ **Plan ready for approval**\n\n" + planBody(p) + "\n\n👍 Approve and start building\n👎 Request changes\n\n*React to respond*"
}

func planBody(p *prompt) string {
	plan, _ := p.input()["plan"].(string)
	if strings.TrimSpace(plan) == "" {
		return "*(no plan was written down)*"
	}
	return quote(plan, inputRunes)
}

func (s *Session) answerPlan(p *prompt, e pipeline.Count) {
	switch {
	case !e.Added:
	case e.Meaning == "approve" || e.Meaning == "allow_all":
		if s.finish(p, "✅ **Plan approved** by "+s.who(e.User)+" - starting implementation...") {
			s.park(p.open, false)
			s.answerAsk(p.call.RequestID, allowed(p.open.run, p.call))
			s.startTyping()
		}
	case e.Meaning == "deny":
		if s.finish(p, "❌ **Changes requested** by "+s.who(e.User)) {
			s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "Please revise the plan. I would like some changes."})
			s.startTyping()
		}
	}
}
