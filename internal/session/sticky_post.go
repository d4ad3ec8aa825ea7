package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// editBoard puts a new text into the sticky post; false: it is not there.
func (h *Host) editBoard(ctx context.Context, post, text string) (there bool, err error) {
	_, err = h.Chat.PatchPost(ctx, post, mattermost.PostPatch{Message: &text})
	if errors.Is(err, mattermost.ErrForbidden) || errors.Is(err, mattermost.ErrNotFound) {
		if _, look := h.Chat.GetPost(ctx, post); errors.Is(look, mattermost.ErrNotFound) {
			return false, nil
		}
	}
	if err != nil {
		return true, fmt.Errorf("editing the sticky post: %w", err)
	}
	h.board.have = text
	return true, nil
}

// makeBoard posts the sticky post and pins it, where the bot may. That it is
// being made is written down first: it is found again after a crash.
func (h *Host) makeBoard(ctx context.Context, text string) error {
	b := &h.board
	if err := h.saveBoard(ctx, state.Board{Making: h.Clock.Now()}); err != nil {
		return err
	}
	b.sought = false // until its id is known
	p, err := h.Chat.CreatePost(ctx, mattermost.NewPost{Channel: h.Channel.ID, Message: text, Props: outbox.Props(boardKind), PendingID: mattermost.NewPendingID()})
	if err != nil {
		return fmt.Errorf("posting the sticky post: %w", err)
	}
	b.sought, b.have = true, text
	b.is(p.ID)
	if err := h.Chat.Pin(ctx, p.ID); err != nil {
		h.Log.Debug("the sticky post is not pinned", "post", p.ID, "err", err)
	}
	return h.saveBoard(ctx, state.Board{Post: pipeline.PostID(p.ID)})
}

// retire takes a sticky post away. One that people have answered to is their
// thread's root and stays, as a line without the list.
func (h *Host) retire(ctx context.Context, post string) error {
	thread, err := h.Chat.Thread(ctx, post)
	switch {
	case errors.Is(err, mattermost.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("looking for answers to the sticky post: %w", err)
	case len(thread) > 1 || h.session(h.threadID(pipeline.PostID(post))) != nil:
		text := "⬇️ *The list of threads is further down.*"
		if _, err = h.Chat.PatchPost(ctx, post, mattermost.PostPatch{Message: &text, Props: outbox.Props("notice")}); err == nil {
			h.unpin(ctx, post)
		}
	default:
		err = h.Chat.DeletePost(ctx, post)
	}
	if err != nil && !errors.Is(err, mattermost.ErrNotFound) {
		return fmt.Errorf("taking the sticky post away: %w", err)
	}
	return nil
}

func (h *Host) unpin(ctx context.Context, post string) {
	if err := h.Chat.Unpin(ctx, post); err != nil {
		h.Log.Debug("a former sticky post stays pinned", "post", post, "err", err)
	}
}

// seekBoard takes up the sticky post of an earlier ctpipe, and takes away what
// else it left: posts of the bot's own that are marked as sticky, and no other
// (STR-13). It reports false where there is nothing to do yet.
func (h *Host) seekBoard(ctx context.Context, needed bool) (sought bool, err error) {
	b := &h.board
	since := h.Clock.Now()
	if h.Store != nil {
		v, err := h.Store.Board(ctx, h.Platform)
		switch {
		case err == nil:
			needed = true
			if !v.Making.IsZero() && v.Making.Before(since) {
				since = v.Making
			}
		case !errors.Is(err, state.ErrNotFound):
			return false, err
		}
	}
	if !needed {
		return false, nil
	}
	found, err := h.Chat.Pinned(ctx, h.Channel.ID)
	if err != nil {
		return false, fmt.Errorf("looking for sticky posts among the pinned ones: %w", err)
	}
	late, err := h.Chat.PostsSince(ctx, h.Channel.ID, since.Add(-boardSkew).UnixMilli())
	if err != nil {
		return false, fmt.Errorf("looking for sticky posts among the newest: %w", err)
	}
	ours := h.boards(ctx, append(found, late.Posts...))
	for i, p := range ours {
		if i == len(ours)-1 {
			b.have = p.Message
			b.is(p.ID)
		} else if err := h.retire(ctx, p.ID); err != nil {
			return false, err
		}
	}
	b.sought = true
	return true, nil
}

// boards are the sticky posts among others and the one that was written down,
// the newest last.
func (h *Host) boards(ctx context.Context, among []mattermost.Post) []mattermost.Post {
	if h.Store != nil {
		if v, err := h.Store.Board(ctx, h.Platform); err == nil && v.Post != "" {
			if p, err := h.Chat.GetPost(ctx, string(v.Post)); err == nil {
				among = append(among, p)
			}
		}
	}
	known := map[string]bool{}
	ours := slices.DeleteFunc(slices.Clone(among), func(p mattermost.Post) bool {
		other := known[p.ID] || p.UserID != h.Me.ID || p.ChannelID != h.Channel.ID || p.RootID != "" ||
			p.DeleteAt > 0 || p.Props["ctpipe"] != boardKind
		known[p.ID] = true
		return other
	})
	slices.SortStableFunc(ours, func(x, y mattermost.Post) int { return int(x.CreateAt - y.CreateAt) })
	return ours
}

func (h *Host) saveBoard(ctx context.Context, v state.Board) error {
	if h.Store == nil {
		return nil
	}
	return h.Store.SaveBoard(context.WithoutCancel(ctx), h.Platform, v)
}
