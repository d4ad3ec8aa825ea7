package board

import (
	"context"
	"errors"
	"fmt"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// ListKind marks the pinned list in its props.
const ListKind = "sticky"

// edit puts a new text into the pinned post; false: it is not there.
func (l *List) edit(ctx context.Context, post, text string) (there bool, err error) {
	_, err = l.cfg.Chat.PatchPost(ctx, post, mattermost.PostPatch{Message: &text})
	if errors.Is(err, mattermost.ErrForbidden) || errors.Is(err, mattermost.ErrNotFound) {
		if _, look := l.cfg.Chat.GetPost(ctx, post); errors.Is(look, mattermost.ErrNotFound) {
			return false, nil
		}
	}
	if err != nil {
		return true, fmt.Errorf("editing the pinned list: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known.text = text
	return true, nil
}

// create posts the list and pins it, where the bot may. That it is being made is
// written down first: it is found again after a crash.
func (l *List) create(ctx context.Context, text string) error {
	if err := l.save(ctx, state.Board{Making: l.cfg.Clock.Now()}); err != nil {
		return err
	}
	l.mu.Lock()
	l.known.making()
	l.mu.Unlock()
	p, err := l.cfg.Chat.CreatePost(ctx, mattermost.NewPost{Channel: l.cfg.Channel.ID, Message: text, Props: outbox.Props(ListKind), PendingID: mattermost.NewPendingID()})
	if err != nil {
		return fmt.Errorf("posting the pinned list: %w", err)
	}
	p.Message = text
	l.mu.Lock()
	l.known.stands(p)
	l.known.found = true
	l.mu.Unlock()
	if err := l.cfg.Chat.Pin(ctx, p.ID); err != nil {
		l.cfg.Log.Debug("the list of sessions is not pinned", "post", p.ID, "err", err)
	}
	return l.save(ctx, state.Board{Post: pipeline.PostID(p.ID)})
}

// takeAway retires the pinned post, if there is one.
func (l *List) takeAway(ctx context.Context, post string) error {
	if post == "" {
		return nil
	}
	if err := l.retire(ctx, post); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known.post = ""
	return nil
}

// retire takes a list away. One that people have answered to is their thread's
// root and stays, as a line without the list.
func (l *List) retire(ctx context.Context, post string) error {
	thread, err := l.cfg.Chat.Thread(ctx, post)
	switch {
	case errors.Is(err, mattermost.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("looking for answers to the pinned list: %w", err)
	case len(thread) > 1 || l.cfg.Rooted(pipeline.PostID(post)):
		text := "⬇️ *The list of threads is further down.*"
		if _, err = l.cfg.Chat.PatchPost(ctx, post, mattermost.PostPatch{Message: &text, Props: outbox.Props("notice")}); err == nil {
			l.unpin(ctx, post)
		}
	default:
		err = l.cfg.Chat.DeletePost(ctx, post)
	}
	if err != nil && !errors.Is(err, mattermost.ErrNotFound) {
		return fmt.Errorf("taking the pinned list away: %w", err)
	}
	return nil
}

func (l *List) unpin(ctx context.Context, post string) {
	if err := l.cfg.Chat.Unpin(ctx, post); err != nil {
		l.cfg.Log.Debug("a former list of sessions stays pinned", "post", post, "err", err)
	}
}

// save writes down which post the list is, even while ctpipe stops.
func (l *List) save(ctx context.Context, v state.Board) error {
	return l.cfg.Record.SaveBoard(context.WithoutCancel(ctx), v)
}
