package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// The pace of the channel's sticky post.
const (
	boardEvery = 10 * time.Second // one change of it, at most
	boardTick  = time.Minute      // its times grow older while sessions run,
	boardRests = 10 * time.Minute // and while none does
	// boardSkew is how far this machine's clock may be ahead of the server's for
	// a sticky post that was just made to be found again.
	boardSkew = 10 * time.Minute
)

// board is the platform's sticky post, which lists its sessions in the channel.
// One task at a time works on it, in a lane of its own, so that there is never
// more than one post (STR-13).
type board struct {
	mu     sync.Mutex
	due    bool // a task is queued
	timer  Timer
	at     time.Time // when the timer fires
	next   time.Time // no change before
	below  bool      // somebody has posted below it
	gone   bool      // somebody has deleted it
	post   string    // its id, "" while there is none
	sought bool      // what an earlier ctpipe left was looked for

	have string // the text the server has; only the task uses it
}

// listed has the sticky post brought up to date, as soon as its pace allows.
func (h *Host) listed() { h.board.wake(h, 0) }

// Connected is called when the chat server is there: what the last ctpipe left
// in the channel is taken up.
func (h *Host) Connected() { h.listed() }

// wake has the post looked at in a while, or when its pace allows; what is to
// happen earlier anyway stays.
func (b *board) wake(h *Host, in time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := h.Clock.Now()
	at := now.Add(in)
	if b.next.After(at) {
		at = b.next
	}
	if b.due || h.ctx.Err() != nil || b.timer != nil && !at.Before(b.at) {
		return
	}
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if wait := at.Sub(now); wait > 0 {
		b.at = at
		b.timer = h.Clock.AfterFunc(wait, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.timer = nil
			b.enqueue(h)
		})
		return
	}
	b.enqueue(h)
}

// enqueue queues the task; the lock is held.
func (b *board) enqueue(h *Host) {
	if b.due {
		return
	}
	b.due = h.Lanes.Enqueue(string(h.Platform)+"/board", func(ctx context.Context) {
		b.mu.Lock()
		b.due = false
		b.mu.Unlock()
		again, err := h.bringBoard(ctx)
		if err != nil && ctx.Err() == nil {
			h.Log.Warn("the channel's list of sessions is not up to date", "err", err)
			again = boardTick
		}
		if again > 0 {
			b.wake(h, again)
		}
	}) == nil
}

// belowBoard notes a new post at the channel's root, or that the sticky post is
// gone.
func (h *Host) belowBoard(p mattermost.Post, deleted bool) {
	b := &h.board
	b.mu.Lock()
	switch {
	case deleted && p.ID == b.post:
		b.gone = true
	case !deleted && p.RootID == "" && p.ChannelID == h.Channel.ID && p.Props["ctpipe"] != boardKind:
		b.below = true
	default:
		b.mu.Unlock()
		return
	}
	known := b.post != ""
	b.mu.Unlock()
	if known {
		h.listed()
	}
}

// boardKind marks the sticky post in its props.
const boardKind = "sticky"

// bringBoard makes the sticky post be what it shall be, and says when to look
// again; 0: when something happens.
func (h *Host) bringBoard(ctx context.Context) (again time.Duration, err error) {
	b := &h.board
	if t := h.Channel.Type; t == "D" || t == "G" {
		return 0, nil
	}
	text, live, err := h.boardText(ctx)
	if err != nil {
		return 0, err
	}
	wanted := h.settings().Sticky
	if !b.sought {
		if sought, err := h.seekBoard(ctx, live && wanted); !sought || err != nil {
			return 0, err
		}
	}
	b.mu.Lock()
	if b.gone {
		b.post = ""
	}
	post, below := b.post, b.below
	b.gone = false
	b.mu.Unlock()
	if wanted && (post == "" && !live || post != "" && !below && text == b.have) {
		return h.boardPause(live, post), nil
	}
	if !wanted && post == "" {
		return 0, nil
	}
	b.mu.Lock()
	b.next = h.Clock.Now().Add(boardEvery)
	b.mu.Unlock()
	if post != "" && !below && wanted {
		there, err := h.editBoard(ctx, post, text)
		if there || err != nil {
			return h.boardPause(live, post), err
		}
		post = ""
	}
	if post != "" {
		if err := h.retire(ctx, post); err != nil {
			return 0, err
		}
		b.is("")
	}
	if !wanted {
		return 0, h.saveBoard(ctx, state.Board{})
	}
	return boardTick, h.makeBoard(ctx, text)
}

func (h *Host) boardPause(live bool, post string) time.Duration {
	switch {
	case live:
		return boardTick
	case post != "":
		return boardRests
	}
	return 0
}

func (b *board) is(post string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.post, b.below = post, false
}

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
	p, err := h.Chat.CreatePost(ctx, mattermost.NewPost{Channel: h.Channel.ID, Message: text, Props: props(boardKind), PendingID: mattermost.NewPendingID()})
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
		_, err = h.Chat.PatchPost(ctx, post, mattermost.PostPatch{Message: &text, Props: props("notice")})
	default:
		err = h.Chat.DeletePost(ctx, post)
	}
	if err != nil && !errors.Is(err, mattermost.ErrNotFound) {
		return fmt.Errorf("taking the sticky post away: %w", err)
	}
	return nil
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
