package board

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/display"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/state"
)

// List is the pinned post that lists a channel's sessions. There is never more
// than one: a single task at a time works on it, in its lane. All methods are
// safe for concurrent use; those that take no context return at once.
type List struct {
	cfg ListConfig
	ctx context.Context

	mu    sync.Mutex
	known pinned
	pace  pace
	timer clock.Timer // nil while none is set
}

// NewList makes a list. Nothing is looked at before the first Changed, and
// nothing after ctx has ended.
func NewList(ctx context.Context, c ListConfig) *List { return &List{cfg: c, ctx: ctx} }

// Changed has the list brought up to date, as soon as its pace allows.
func (l *List) Changed() { l.wake(0) }

// Posted tells of a post in any channel: one at the channel's root leaves the
// list no longer the last.
func (l *List) Posted(p mattermost.Post) {
	if p.RootID != "" || p.ChannelID != l.cfg.Channel.ID || p.Props["ctpipe"] == ListKind {
		return
	}
	l.mu.Lock()
	l.known.others(p.CreateAt)
	moves := l.known.post != "" && l.known.below()
	l.mu.Unlock()
	if moves {
		l.Changed()
	}
}

// Deleted tells of a post that somebody deleted.
func (l *List) Deleted(id string) {
	l.mu.Lock()
	ours := id != "" && id == l.known.post
	l.known.gone = l.known.gone || ours
	l.mu.Unlock()
	if ours {
		l.Changed()
	}
}

// Finish brings the list up to date once more, whatever its pace, and waits for
// that or for ctx. A channel whose list was never looked at stays as it is.
func (l *List) Finish(ctx context.Context) {
	done := make(chan struct{})
	err := l.cfg.Enqueue(func(context.Context) {
		defer close(done)
		if !l.sees().found {
			return
		}
		if _, err := l.bring(ctx); err != nil {
			l.stale(err)
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

// wake has the list looked at in a while, or when its pace allows; what is to
// happen earlier anyway stays.
func (l *List) wake(in time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return
	}
	wait, ok := l.pace.wake(l.cfg.Clock.Now(), in, l.known.next)
	if !ok {
		return
	}
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if wait == 0 {
		l.queueLocked()
		return
	}
	l.timer = l.cfg.Clock.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.timer = nil
		l.pace.fired()
		l.queueLocked()
	})
}

func (l *List) queueLocked() {
	if !l.pace.queued {
		l.pace.queued = l.cfg.Enqueue(l.look) == nil
	}
}

// look is the task in the lane.
func (l *List) look(ctx context.Context) {
	l.mu.Lock()
	l.pace.queued = false
	early := l.cfg.Clock.Now().Before(l.known.next) // it was queued while the last change was being made
	l.mu.Unlock()
	if early {
		l.wake(0)
		return
	}
	again, err := l.bring(ctx)
	if err != nil && ctx.Err() == nil {
		l.stale(err)
		again = busyTick
	}
	if again > 0 {
		l.wake(again)
	}
}

func (l *List) stale(err error) {
	l.cfg.Log.Warn("the channel's list of sessions is not up to date", "err", err)
}

// bring makes the pinned post be what it shall be, and says when to look again;
// 0: when something happens.
func (l *List) bring(ctx context.Context) (again time.Duration, err error) {
	if l.cfg.Channel.Direct() {
		return 0, nil
	}
	a, err := l.aim(ctx)
	if err != nil {
		return 0, err
	}
	if !l.sees().found {
		if found, err := l.seek(ctx, a.live && a.wanted); !found || err != nil {
			return 0, err
		}
	}
	l.mu.Lock()
	do, again := l.known.decide(a, l.cfg.Clock.Now())
	post := l.known.post
	l.mu.Unlock()
	switch do {
	case edit:
		there, err := l.edit(ctx, post, a.text)
		if there || err != nil {
			return again, err
		}
		return busyTick, l.create(ctx, a.text)
	case remake:
		if err := l.takeAway(ctx, post); err != nil {
			return 0, err
		}
		return again, l.create(ctx, a.text)
	case remove:
		if err := l.takeAway(ctx, post); err != nil {
			return 0, err
		}
		return again, l.save(ctx, state.Board{})
	}
	return again, nil
}

// aim is what the channel shall show now: the sessions that were quiet for the
// shortest time come first.
func (l *List) aim(ctx context.Context) (aim, error) {
	v, err := l.cfg.Listing(ctx)
	if err != nil {
		return aim{}, err
	}
	slices.SortFunc(v.Sessions, func(x, y display.StickySession) int {
		if x.Quiet != y.Quiet {
			return int(x.Quiet - y.Quiet)
		}
		return strings.Compare(x.Root, y.Root)
	})
	return aim{text: l.cfg.Fit(v.Markdown()), live: len(v.Sessions) > 0, wanted: v.Wanted}, nil
}

// sees is a copy of what is known now.
func (l *List) sees() pinned {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known
}
