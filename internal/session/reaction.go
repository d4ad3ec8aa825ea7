package session

import (
	"context"
	"slices"

	"ctpipe/internal/board"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

func (h ears) receiveReaction(r mattermost.Reaction, added bool) {
	if r.UserID == h.Me.ID {
		return
	}
	own, known := h.posts.Of(pipeline.PostID(r.PostID))
	lane := string(own.Thread)
	switch meaning := stages.Meaning(r.Emoji); {
	case known:
	case added && slices.Contains([]string{"resume", "stop", "interrupt", "fold"}, meaning):
		lane = string(h.Platform) + "/reactions" // a post from before a restart, maybe
	default:
		return
	}
	err := h.Lanes.Enqueue(lane, func(ctx context.Context) {
		if !known {
			if own, known = h.oldPost(ctx, pipeline.PostID(r.PostID)); !known {
				return
			}
		}
		h.react(ctx, own, r, added)
	})
	if err != nil {
		h.Log.Warn("a reaction is not run", "thread", own.Thread, "post", r.PostID, "err", err)
	}
}

// oldPost looks whether a post is one that ctpipe made before it was restarted.
func (h ears) oldPost(ctx context.Context, id pipeline.PostID) (thread.Post, bool) {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	p, err := h.Chat.GetPost(ctx, string(id))
	if err != nil {
		h.Log.Debug("a post that was reacted to cannot be read", "post", id, "err", err)
		return thread.Post{}, false
	}
	kind, marked := p.Props["ctpipe"].(string)
	if p.UserID != h.Me.ID || p.ChannelID != h.Channel.ID || !marked || kind == board.ListKind {
		return thread.Post{}, false
	}
	root := pipeline.PostID(p.RootOrSelf())
	h.remember(root)(id, kind)
	return h.posts.Of(id)
}

// receiveDeleted takes note of a post that is gone.
func (h ears) receiveDeleted(p mattermost.Post) {
	h.list.Deleted(p.ID)
	if own, ok := h.posts.Of(pipeline.PostID(p.ID)); ok {
		h.thread(own.Root).CardDeleted(pipeline.PostID(p.ID))
	}
}

// receiveLeft takes the votes and grants of somebody back who left the channel.
func (h ears) receiveLeft(id pipeline.UserID) {
	for _, t := range h.allThreads() {
		t.Left(id)
		if s := sessionIn(t); s != nil {
			s.dropGrantsOf(id)
		}
	}
}

// react makes an event of a reaction on one of ctpipe's own posts.
func (h ears) react(ctx context.Context, own thread.Post, r mattermost.Reaction, added bool) {
	s := h.slots().sessionOf(ctx, own.Root)
	if s != nil {
		defer h.slots().release(s)
	}
	ev := h.event(pipeline.KindReaction, own.Root)
	ev.Post.ID = pipeline.PostID(r.PostID)
	ev.Reaction = pipeline.Reaction{Emoji: r.Emoji, Meaning: stages.Meaning(r.Emoji), Added: added, Target: own.Target()}
	var err error
	if ev.User, err = h.person(ctx, pipeline.UserID(r.UserID), s, thread.DecisionFor); err != nil {
		h.Log.Warn("nobody can say who reacted; it does not count", "post", r.PostID, "err", err)
	}
	t := h.thread(own.Root)
	if p, open := t.PromptOn(ev.Post.ID); open {
		t.ReactionFacts(ev, &p)
	}
	h.Engine.Handle(ctx, ev)
}
