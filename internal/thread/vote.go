package thread

import (
	"context"
	"slices"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// Vote is the one way to a decision, for every kind of prompt and however
// somebody says it. The reaction rules and the floor have let it count.
func (t *Thread) Vote(ctx context.Context, p desk.Prompt, v desk.Vote) {
	switch {
	case p.Kind == desk.Context:
		t.answering().voteContext(p, v)
	case p.Kind == desk.Worktree:
		t.answering().voteWorktree(p, v)
	case !v.Added && v.Approves() && p.Kind != desk.Question:
		t.TakeBack(p.ID, v.By.ID)
	case v.Added && v.Meaning == "deny" && (p.Kind != desk.Question || v.Words != ""):
		t.answering().deny(p, v)
	case p.Kind == desk.Question:
		t.AnswerQuestion(p, v)
	case v.Added && v.Approves():
		t.Lock()
		t.Desk.Approve(p.ID, v)
		t.Unlock()
		t.answering().decide(ctx, p.ID, v)
	}
}

// TakeBack is an approval that is gone.
func (t *Thread) TakeBack(id string, user pipeline.UserID) {
	t.answering().unvote(id, user)
	t.answering().refreshCard(id)
}

// unvote takes somebody's approval off a card.
func (t answering) unvote(id string, user pipeline.UserID) {
	t.Lock()
	defer t.Unlock()
	t.Desk.Unvote(id, user)
}

// Left takes all approvals of somebody back who is not in the channel any more.
func (t *Thread) Left(user pipeline.UserID) {
	for _, p := range t.Prompts(func(p *desk.Prompt) bool { return p.Kind != desk.Question }) {
		t.TakeBack(p.ID, user)
	}
}

// barred says why somebody's answer to a prompt does not count, whatever the
// reaction rules say: the asks admit other people. "" where it may count. A plan
// or a question that no rule or hook asked for goes to people anyway, and how to
// go on is nobody's right.
func (t answering) barred(p *desk.Prompt, u pipeline.User) string {
	asks := p.Counted(p.Asks)
	if p.Choice != nil || (p.Kind == desk.Plan || p.Kind == desk.Question) && len(asks) == 0 {
		return ""
	}
	base := t.Approval()
	if pipeline.MayAnswer(asks, base, u, p.Requesters()) {
		return ""
	}
	return desk.WhoMay(asks, base) + " may answer this"
}

// ReactionFacts say what a reaction, or an answer in words, is made on.
func (t *Thread) ReactionFacts(ev *pipeline.Event, p *desk.Prompt) {
	ev.Reaction.Target = string(p.Kind)
	if slices.Contains(Decisions, ev.Reaction.Meaning) || ev.Reaction.Meaning == "answer" {
		ev.Reaction.Barred = t.answering().barred(p, ev.User)
	}
}

// Counts asks the reaction rules whether somebody's answer in words counts, as if
// they had reacted on the card: one set of rules says who decides, however it is
// said. Where it does not count, why is what the rules say.
func (t *Thread) Counts(ctx context.Context, p desk.Prompt, by pipeline.User, meaning, emoji string) (v desk.Vote, why string, ok bool) {
	ev := t.conf.Host.Event(pipeline.KindReaction, t.Root)
	ev.Post.ID = p.Post
	var err error
	if ev.User, err = t.conf.Host.Person(ctx, by.ID, t.standing, DecisionFor); err != nil {
		t.log.Warn("nobody can say who answered; it does not count", "user", by.ID, "err", err)
	}
	ev.Reaction = pipeline.Reaction{Emoji: emoji, Meaning: meaning, Added: true}
	t.ReactionFacts(ev, &p)
	run := t.conf.Engine.Judge(ctx, ev)
	for _, e := range run.Effects() {
		if c, ok := e.(pipeline.Count); ok && c.Meaning == meaning {
			return desk.Vote{By: c.User, Meaning: meaning, Added: true, Spoken: true}, "", true
		}
	}
	_, top := run.Verdict()
	if top[0].Source == pipeline.SourceRule || top[0].Source == pipeline.SourceHook {
		why = pipeline.Reasons(top)
	}
	return desk.Vote{}, why, false
}
