package session

import (
	"context"
	"slices"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// count brings a reaction that counts to what it was made on.
func (h *Host) count(ctx context.Context, t *thread, e pipeline.Count) {
	v := desk.Vote{By: e.User, Meaning: e.Meaning, Added: e.Added}
	s := t.live()
	switch p, open := t.promptOn(e.Post); {
	case open:
		t.vote(ctx, p, v)
	case s != nil && e.Meaning == "resume" && e.Added:
		s.resume(e.User)
	case s != nil && e.Meaning == "fold":
		s.toggleList(e.Post)
	default:
		h.lateVote(t.root, e)
	}
}

// vote is the one way to a decision, for every kind of prompt and however
// somebody says it. The reaction rules and the floor have let it count.
func (t *thread) vote(ctx context.Context, p desk.Prompt, v desk.Vote) {
	switch {
	case p.Kind == desk.Context:
		t.voteContext(p, v)
	case p.Kind == desk.Worktree:
		t.voteWorktree(p, v)
	case !v.Added && v.Approves() && p.Kind != desk.Question:
		t.takeBack(p.ID, v.By.ID)
	case v.Added && v.Meaning == "deny" && (p.Kind != desk.Question || v.Words != ""):
		t.deny(p, v)
	case p.Kind == desk.Question:
		t.answerQuestion(p, v)
	case v.Added && v.Approves():
		t.mu.Lock()
		t.desk.Approve(p.ID, v)
		t.mu.Unlock()
		t.decide(ctx, p.ID, v)
	}
}

// takeBack is an approval that is gone.
func (t *thread) takeBack(id string, user pipeline.UserID) {
	t.unvote(id, user)
	t.refreshCard(id)
}

// unvote takes somebody's approval off a card.
func (t *thread) unvote(id string, user pipeline.UserID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.desk.Unvote(id, user)
}

// left takes all approvals of somebody back who is not in the channel any more.
func (t *thread) left(user pipeline.UserID) {
	for _, p := range t.prompts(func(p *desk.Prompt) bool { return p.Kind != desk.Question }) {
		t.takeBack(p.ID, user)
	}
}

// barred says why somebody's answer to a prompt does not count, whatever the
// reaction rules say: the asks admit other people. "" where it may count. A plan
// or a question that no rule or hook asked for goes to people anyway, and how to
// go on is nobody's right.
func (t *thread) barred(p *desk.Prompt, u pipeline.User) string {
	asks := p.Counted(p.Asks)
	if p.Choice != nil || (p.Kind == desk.Plan || p.Kind == desk.Question) && len(asks) == 0 {
		return ""
	}
	base := t.approval()
	if pipeline.MayAnswer(asks, base, u, p.Requesters()) {
		return ""
	}
	return desk.WhoMay(asks, base) + " may answer this"
}

// reactionFacts say what a reaction, or an answer in words, is made on.
func (t *thread) reactionFacts(ev *pipeline.Event, p *desk.Prompt) {
	ev.Reaction.Target = string(p.Kind)
	if slices.Contains(decisions, ev.Reaction.Meaning) || ev.Reaction.Meaning == "answer" {
		ev.Reaction.Barred = t.barred(p, ev.User)
	}
}

// counts asks the reaction rules whether somebody's answer in words counts, as if
// they had reacted on the card: one set of rules says who decides, however it is
// said. Where it does not count, why is what the rules say.
func (t *thread) counts(ctx context.Context, p desk.Prompt, by pipeline.User, meaning, emoji string) (v desk.Vote, why string, ok bool) {
	ev := t.host.event(pipeline.KindReaction, t.root)
	ev.Post.ID = p.Post
	var err error
	if ev.User, err = t.host.person(ctx, by.ID, t.live(), decisionFor); err != nil {
		t.log.Warn("nobody can say who answered; it does not count", "user", by.ID, "err", err)
	}
	ev.Reaction = pipeline.Reaction{Emoji: emoji, Meaning: meaning, Added: true}
	t.reactionFacts(ev, &p)
	run := t.host.Engine.Judge(ctx, ev)
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
