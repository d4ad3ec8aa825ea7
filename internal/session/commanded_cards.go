package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// commandedCard is an open prompt as commands see it.
type commandedCard struct {
	t *thread
	p desk.Prompt
}

// answerable are the prompts that somebody may mean who names none: what waits
// for a session to begin comes first.
func (t *thread) answerable() []desk.Prompt {
	voted := func(p *desk.Prompt) bool { return !p.Queued && p.Choice == nil }
	if pending := t.prompts(func(p *desk.Prompt) bool { return voted(p) && p.Pending }); len(pending) > 0 {
		return pending
	}
	return t.prompts(voted)
}

func (c commandedCard) ID() string { return c.p.ID }

func (c commandedCard) Question() bool { return c.p.Kind == desk.Question }

func (c commandedCard) JustOther(id pipeline.UserID) bool {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	return c.t.desk.Unsure(id, c.t.host.Clock.Now())
}

// emojiOf is the reaction that says the same as a command.
var emojiOf = map[string]string{"approve": "+1", "deny": "-1"}

func (c commandedCard) Ballot(ctx context.Context, by pipeline.User, meaning string) command.Ballot {
	v, why, ok := c.t.counts(ctx, c.p, by, meaning, emojiOf[meaning])
	if !ok {
		c.t.mayNot(c.p, by, why)
		return nil
	}
	return ballot{c, v}
}

// mayNot tells somebody that their answer to a card does not count.
func (t *thread) mayNot(p desk.Prompt, by pipeline.User, why string) {
	t.log.Info("an answer does not count", "user", by.ID, "card", p.ID, "kind", p.Kind)
	text := "⛔ " + desk.Who(by) + " may not answer " + p.ID + reasonSuffix(why)
	if asks := p.Counted(p.Asks); len(asks) > 0 {
		text += "; who may: " + markdown.Plain(desk.WhoMay(asks, t.approval()))
	}
	t.notice(text)
}

// ballot is somebody's vote on an open prompt, in words.
type ballot struct {
	commandedCard
	v desk.Vote
}

func (b ballot) Approve(ctx context.Context) { b.t.vote(ctx, b.p, b.v) }

func (b ballot) ApproveInstead(ctx context.Context, line string) {
	b.t.approveEdited(ctx, b.p, b.v, line)
}

func (b ballot) Deny(ctx context.Context, reason string) {
	b.v.Words = reason
	b.t.vote(ctx, b.p, b.v)
}
