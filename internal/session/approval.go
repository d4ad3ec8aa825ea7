package session

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// count brings a reaction that counts to the prompt it was made on.
func (s *Session) count(ctx context.Context, e pipeline.Count) {
	p := s.promptOn(e.Post)
	switch {
	case p == nil && e.Meaning == "resume" && e.Added:
		s.resume(e.User)
	case p == nil && e.Meaning == "fold":
		s.toggleList(e.Post)
	case p == nil:
	case p.kind == "question":
		s.answerQuestion(p, e)
	case p.kind == "plan":
		s.answerPlan(ctx, p, e)
	case p.kind == "message":
		s.answerMessage(p, e)
	default:
		s.vote(ctx, p, e)
	}
}

// vote counts an answer on a tool's card, if it is one of an approver. An
// approval that is taken back is gone (A6).
func (s *Session) vote(ctx context.Context, p *prompt, e pipeline.Count) {
	base := s.host.settings().Approval
	approval := e.Meaning == "approve" || e.Meaning == "allow_all"
	if !approval && e.Meaning != "deny" {
		return
	}
	s.mu.Lock()
	asks, requesters := p.asks, p.open.run.Event.Tool.Requesters
	s.mu.Unlock()
	switch {
	case !e.Added && approval:
		s.mu.Lock()
		p.approve = slices.DeleteFunc(p.approve, func(id pipeline.UserID) bool { return id == e.User.ID })
		s.mu.Unlock()
		s.refreshCard(p)
		return
	case !e.Added:
		return
	case !pipeline.MayAnswer(asks, base, e.User, requesters):
		s.log.Info("a vote does not count", "user", e.User.ID, "post", e.Post, "meaning", e.Meaning)
		return
	case e.Meaning == "deny":
		if s.finish(p, "❌ **Denied** by "+s.who(e.User)) {
			s.deny(p, "@"+e.User.Name, "@"+e.User.Name+" denied this. Ask what they want instead, or choose another way.")
		}
		return
	}
	s.mu.Lock()
	if !slices.Contains(p.approve, e.User.ID) {
		p.approve = append(p.approve, e.User.ID)
	}
	s.mu.Unlock()
	s.approved(ctx, p, e)
}

// approved looks whether the approvals so far are enough. The call is then
// judged again under the rules in force now: a denial wins, and what is no
// longer what was shown needs a new card (A1, SEC-16).
func (s *Session) approved(ctx context.Context, p *prompt, e pipeline.Count) {
	base := s.host.settings().Approval
	people := s.approvers(ctx, p)
	if len(pipeline.Unmet(p.asks, base, people, p.open.run.Event.Tool.Requesters)) > 0 {
		s.refreshCard(p)
		return
	}
	again := &openCall{id: p.open.id, arrival: p.open.arrival, allowed: p.open.allowed, told: p.open.told, parked: true}
	again.run = s.judgeAsk(ctx, p.call, p.open)
	verdict, top := again.run.Verdict()
	switch {
	case verdict == pipeline.Deny:
		if s.finish(p, "🚫 **Denied** by "+stages.Names(top)+", which is in force now"+reasonSuffix(stages.Reasons(top))) {
			s.deny(p, stages.Names(top), stages.Reasons(top))
		}
		return
	case !sameFacts(p.open.run.Event, again.run.Event):
		if s.finish(p, "♻️ *What this call would do has changed since it was shown; it is asked again*") {
			s.rejudged(p.open, again.run)
			s.openTool(p.call, p.open, asksOf(p.open, p.call))
		}
		return
	}
	asks := asksOf(again, p.call)
	if len(pipeline.Unmet(asks, base, people, again.run.Event.Tool.Requesters)) > 0 {
		s.rejudged(p.open, again.run)
		s.mu.Lock()
		p.asks = asks
		s.mu.Unlock()
		s.refreshCard(p)
		return
	}
	s.allow(p, again.run, asks, e, people)
}

// rejudged puts a newer judgement in the place of an older one.
func (s *Session) rejudged(call *openCall, run *pipeline.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.run, call.reads = run, stages.OnlyReads(run.Event)
}

// allow answers the call with the very input that was judged.
func (s *Session) allow(p *prompt, run *pipeline.Run, asks []pipeline.Vote, e pipeline.Count, people []pipeline.User) {
	granted := e.Meaning == "allow_all" && grantable(p.asks) && grantable(asks)
	word := "✅ **Allowed** by "
	if granted {
		word = "✅ **Allowed all** by "
	}
	if !s.finish(p, word+s.names(people)) {
		return
	}
	s.rejudged(p.open, run)
	s.mu.Lock()
	p.open.parked = false
	if granted {
		s.grants = append(s.grants, Grant{ID: fmt.Sprintf("g%d", len(s.grants)+1), By: e.User.ID, Since: s.host.Clock.Now()})
	}
	s.willWrite(run.Event)
	s.mu.Unlock()
	s.log.Info("tool call allowed", "tool_use", p.call.ToolUseID, "user", e.User.ID, "post", p.post, "grant", granted)
	s.answerAsk(p.call.RequestID, allowed(run, p.call))
	s.startTyping()
	if granted {
		s.refreshHeader()
	}
}

// grantable reports an ask whose only cause is the default: nothing else can
// be lifted by a grant (A11).
func grantable(asks []pipeline.Vote) bool {
	return len(asks) == 1 && asks[0].Source == pipeline.SourceDefault
}

func (s *Session) deny(p *prompt, by, why string) {
	s.log.Info("tool call denied", "tool_use", p.call.ToolUseID, "post", p.post, "why", why)
	s.refused(p.open.id, strings.Replace(by, "@", "@"+zeroWidth, 1), "")
	s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: why})
	s.startTyping()
}

// approvers are the people who approved, with the rights they have now: who
// left the channel, or cannot be looked up, does not count (I7).
func (s *Session) approvers(ctx context.Context, p *prompt) []pipeline.User {
	s.mu.Lock()
	ids := slices.Clone(p.approve)
	s.mu.Unlock()
	users := make([]pipeline.User, 0, len(ids))
	for _, id := range ids {
		u, err := s.host.person(ctx, id, s, 0)
		if err == nil {
			err = s.host.member(ctx, id)
		}
		if err == nil {
			users = append(users, u)
			continue
		}
		s.log.Warn("an approval does not count", "user", id, "err", err)
		if errors.Is(err, mattermost.ErrNotFound) {
			s.unvote(p, id)
		}
	}
	return users
}

// unvote takes somebody's approval off a card.
func (s *Session) unvote(p *prompt, id pipeline.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.approve = slices.DeleteFunc(p.approve, func(known pipeline.UserID) bool { return known == id })
}

// left takes all approvals of somebody back who is not in the channel any more.
func (s *Session) left(id pipeline.UserID) {
	s.mu.Lock()
	prompts := slices.Clone(s.prompts)
	s.mu.Unlock()
	for _, p := range prompts {
		if p.kind == "tool" {
			s.unvote(p, id)
			s.refreshCard(p)
		}
	}
}

// sameFacts reports that a call is still what was shown to people (A1). What
// nobody knew then may be known now: they approved without it, and the rules
// have judged it since.
func sameFacts(shown, now *pipeline.Event) bool {
	x, y := shown.Tool, now.Tool
	for _, fact := range now.Unknown {
		if !slices.Contains(shown.Unknown, fact) && fact != "tool.requesters" {
			return false
		}
	}
	known := func(fact string) bool { return !slices.Contains(shown.Unknown, fact) }
	return x.Hash == y.Hash && x.Cwd == y.Cwd && x.Opaque == y.Opaque &&
		(!known("tool.commands") || reflect.DeepEqual(x.Commands, y.Commands)) &&
		(!known("tool.paths") || reflect.DeepEqual(x.Paths, y.Paths)) &&
		(!known("tool.hosts") || reflect.DeepEqual(x.Hosts, y.Hosts))
}
