package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// commandedCard is an open prompt as commands see it.
type commandedCard struct {
	h *Host
	t *thread.Thread
	p desk.Prompt
}

func (c commandedCard) ID() string { return c.p.ID }

func (c commandedCard) Question() bool { return c.p.Kind == desk.Question }

func (c commandedCard) JustOther(id pipeline.UserID) bool {
	c.t.Lock()
	defer c.t.Unlock()
	return c.t.Desk.Unsure(id, c.h.Clock.Now())
}

// emojiOf is the reaction that says the same as a command.
var emojiOf = map[string]string{"approve": "+1", "deny": "-1"}

func (c commandedCard) Ballot(ctx context.Context, by pipeline.User, meaning string) command.Ballot {
	v, why, ok := c.t.Counts(ctx, c.p, by, meaning, emojiOf[meaning])
	if !ok {
		c.t.MayNot(c.p, by, why)
		return nil
	}
	return ballot{c, v}
}

// ballot is somebody's vote on an open prompt, in words.
type ballot struct {
	commandedCard
	v desk.Vote
}

func (b ballot) Approve(ctx context.Context) { b.t.Vote(ctx, b.p, b.v) }

func (b ballot) ApproveInstead(ctx context.Context, line string) {
	b.t.ApproveEdited(ctx, b.p, b.v, line)
}

func (b ballot) Deny(ctx context.Context, reason string) {
	b.v.Words = reason
	b.t.Vote(ctx, b.p, b.v)
}
