package session

import (
	"context"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/state"
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
	timer  clock.Timer
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
		early := h.Clock.Now().Before(b.next) // it was queued while the last change was being made
		b.mu.Unlock()
		if early {
			b.wake(h, 0)
			return
		}
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

// lastBoard has the sticky post say that nothing runs any more, and waits for
// that, or for ctx.
func (h *Host) lastBoard(ctx context.Context) {
	done := make(chan struct{})
	err := h.Lanes.Enqueue(string(h.Platform)+"/board", func(context.Context) {
		defer close(done)
		if !h.board.sought {
			return
		}
		if _, err := h.bringBoard(ctx); err != nil {
			h.Log.Warn("the channel's list of sessions is not up to date", "err", err)
		}
	})
	if err != nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
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
