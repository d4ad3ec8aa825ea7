package session

import (
	"context"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"
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

// answerPlan takes an answer to a plan; the rules have said that this person's
// counts, unless a rule asks for the plan and names who may approve it.
func (s *Session) answerPlan(ctx context.Context, p *prompt, e pipeline.Count) {
	approval := e.Meaning == "approve" || e.Meaning == "allow_all"
	switch {
	case !e.Added && approval:
		s.unvote(p, e.User.ID)
	case !e.Added || !s.mayAnswer(p, e.User):
	case approval:
		s.approvePlan(ctx, p, e.User)
	case e.Meaning == "deny":
		if s.finish(p, "❌ **Changes requested** by "+s.who(e.User)) {
			s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "Please revise the plan. I would like some changes."})
			s.startTyping()
		}
	}
}

// approvePlan lets Claude begin once everybody approved whom the rules want,
// those in force now too; a denial wins.
func (s *Session) approvePlan(ctx context.Context, p *prompt, by pipeline.User) {
	s.mu.Lock()
	if !slices.Contains(p.approve, by.ID) {
		p.approve = append(p.approve, by.ID)
	}
	s.mu.Unlock()
	run := s.judgeAsk(ctx, p.call, p.open)
	verdict, top := run.Verdict()
	asks := append(ruled(p.asks), ruled(top)...)
	switch {
	case verdict == pipeline.Deny:
		if s.finish(p, "🚫 **Denied** by "+stages.Names(top)+", which is in force now"+reasonSuffix(stages.Reasons(top))) {
			s.deny(p, stages.Names(top), stages.Reasons(top))
		}
	case len(asks) > 0 && len(pipeline.Unmet(asks, s.host.settings().Approval, s.approvers(ctx, p), run.Event.Tool.Requesters)) > 0:
		s.refreshCard(p)
	case s.finish(p, "✅ **Plan approved** by "+s.who(by)+" - starting implementation..."):
		s.park(p.open, false)
		s.answerAsk(p.call.RequestID, allowed(p.open.run, p.call))
		s.startTyping()
	}
}

// mayAnswer reports whether somebody whose reaction counts may answer a plan
// or question: where a rule or hook asked for it, one of its approvers.
func (s *Session) mayAnswer(p *prompt, u pipeline.User) bool {
	asks := ruled(p.asks)
	return len(asks) == 0 || pipeline.MayAnswer(asks, s.host.settings().Approval, u, p.open.run.Event.Tool.Requesters)
}

// ruled are the asks that say who answers: not the default, and not the floor,
// for which a plan or question goes to people anyway.
func ruled(votes []pipeline.Vote) []pipeline.Vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v pipeline.Vote) bool {
		return v.Verdict != pipeline.Ask || v.Source == pipeline.SourceDefault || v.Source == pipeline.SourceFloor
	})
}
