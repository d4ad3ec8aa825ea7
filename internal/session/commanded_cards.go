package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// commandedCard is an open prompt as commands see it.
type commandedCard struct {
	holder *Session
	p      *prompt
}

// cardsInWords are the open cards that commands in the session's thread can
// answer, those of the session or else of a start that waits in its thread.
func (s *Session) cardsInWords() []command.Card {
	var all []command.Card
	for _, holder := range []*Session{s, s.host.parkedIn(s.thread)} {
		if holder == nil || holder == s && len(all) > 0 {
			continue
		}
		holder.mu.Lock()
		for _, p := range holder.prompts {
			if !p.queued && p.choice == nil {
				all = append(all, commandedCard{holder, p})
			}
		}
		holder.mu.Unlock()
	}
	return all
}

func (c commandedCard) ID() string { return c.p.id }

func (c commandedCard) Question() bool { return c.p.kind == "question" }

func (c commandedCard) JustOther(id pipeline.UserID) bool { return c.holder.unsure(id) }

// emojiOf is the reaction that says the same as a command.
var emojiOf = map[string]string{"approve": "+1", "deny": "-1"}

func (c commandedCard) Ballot(ctx context.Context, by pipeline.User, meaning string) command.Ballot {
	v, why, ok := c.holder.counts(ctx, c.p, by, meaning, emojiOf[meaning])
	if !ok || !c.holder.mayAnswer(c.p, v.by) {
		c.holder.mayNot(c.p, by, why)
		return nil
	}
	return ballot{c, v}
}

// ballot is somebody's vote on an open prompt, in words.
type ballot struct {
	commandedCard
	v vote
}

func (b ballot) Approve(ctx context.Context) {
	b.holder.mu.Lock()
	b.p.spoken = append(b.p.spoken, b.v.by.ID)
	b.holder.mu.Unlock()
	b.holder.answer(ctx, b.p, b.v)
}

func (b ballot) ApproveInstead(ctx context.Context, line string) {
	b.holder.approveEdited(ctx, b.p, b.v, line)
}

func (b ballot) Deny(ctx context.Context, reason string) {
	b.v.words = reason
	b.holder.answer(ctx, b.p, b.v)
}
