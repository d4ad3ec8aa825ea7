package session

import (
	"context"
	"fmt"

	"ctpipe/internal/desk"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// CatchUp takes in what the chat said while the link was cut: posts since a
// moment on the server's clock (milliseconds, 0 if it is not known), and the
// reactions on open cards. It returns at once. What cannot be
// read now is asked for again with the next call.
func (h *Host) CatchUp(since int64) {
	h.mu.Lock()
	if h.link.missed == 0 || since > 0 && since < h.link.missed {
		h.link.missed = since
	}
	h.mu.Unlock()
	err := h.Lanes.Enqueue(string(h.Platform)+"/catchup", func(ctx context.Context) {
		if err := h.ears().missedPosts(ctx); err != nil {
			h.Log.Error("what was written while the chat was out of reach cannot be read", "err", err)
		}
		h.ears().missedReactions(ctx)
		h.policy.Missed(h.ctx)
	})
	if err != nil {
		h.Log.Error("what was written while the chat was out of reach is not read", "err", err)
	}
}

// missedPosts runs the posts that were made meanwhile. Those that were run
// already are dropped by the seen stage.
func (h ears) missedPosts(ctx context.Context) error {
	h.mu.Lock()
	since := h.link.missed
	h.mu.Unlock()
	if since == 0 {
		return nil
	}
	ch, err := h.Chat.PostsSince(ctx, h.Channel.ID, since)
	if err != nil {
		return fmt.Errorf("reading the posts since %d: %w", since, err)
	}
	for _, p := range ch.Posts {
		if p.CreateAt >= since {
			h.receivePost(p)
		}
		h.receiveEdited(p)
	}
	for _, p := range ch.Deleted {
		h.receiveDeleted(p)
	}
	h.mu.Lock()
	if h.link.missed == since {
		h.link.missed = 0
	}
	h.mu.Unlock()
	return nil
}

// missedReactions reads the reactions on every open card again.
func (h ears) missedReactions(ctx context.Context) {
	for _, t := range h.allThreads() {
		for _, p := range t.Prompts(thread.AnyPrompt) {
			h.reread(ctx, p)
		}
	}
}

// reread brings a card's votes to what stands under it now: those that were
// set meanwhile, and those that were taken back.
func (h ears) reread(ctx context.Context, p desk.Prompt) {
	post := p.Post
	if post == "" {
		return
	}
	found, err := h.Chat.Reactions(ctx, string(post))
	if err != nil {
		h.Log.Warn("the reactions on a card cannot be read", "post", post, "err", err)
		return
	}
	stands := map[pipeline.UserID]bool{}
	for _, r := range found {
		if m := stages.Meaning(r.Emoji); m == "approve" || m == "allow_all" {
			stands[pipeline.UserID(r.UserID)] = true
		}
	}
	for _, id := range p.Approvers() {
		if !stands[id] && !p.OnlySpoken(id) {
			h.receiveReaction(mattermost.Reaction{UserID: string(id), PostID: string(post), Emoji: "+1"}, false)
		}
	}
	for _, r := range found {
		h.receiveReaction(r, true)
	}
}
