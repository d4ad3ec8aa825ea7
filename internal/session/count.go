package session

import (
	"context"
	"slices"

	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// counted brings a reaction that counts to what it was made on, or explains that.
func (h performer) counted(ctx context.Context, t *thread.Thread, r *pipeline.Run, e pipeline.Count) {
	s := h.slots().sessionOf(ctx, t.Root)
	p, open := t.PromptOn(e.Post)
	switch {
	case e.Meaning == "why":
		h.whyOn(ctx, s, r, e)
	case open:
		t.Vote(ctx, p, desk.Vote{By: e.User, Meaning: e.Meaning, Added: e.Added})
	case s != nil && e.Meaning == "resume" && e.Added:
		s.pacer().resume(e.User)
	case s != nil && e.Meaning == "fold":
		s.speech().toggleList(e.Post)
	default:
		h.lateVote(t, e)
	}
}

// lateVote tells somebody who answers a closed card how it ended.
func (h performer) lateVote(t *thread.Thread, e pipeline.Count) {
	own, known := h.posts.Of(e.Post)
	if !known || !e.Added || !slices.Contains(thread.Decisions, e.Meaning) {
		return
	}
	if outcome, first := h.closedCards.Tell(own.Thread, own.Key, e.User.ID); first {
		t.Notice("ℹ️ " + markdown.Name(e.User.Name) + ", this has already been decided: " + outcome)
	}
}
