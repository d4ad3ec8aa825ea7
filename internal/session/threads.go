package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"ctpipe/internal/desk"
	"ctpipe/internal/home"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// threadsMost is how many threads are kept before those are forgotten in which
// nothing goes on.
const threadsMost = 4096

// thread is the thread of a root post.
func (h *Host) thread(root pipeline.PostID) *thread.Thread {
	id := h.threadID(root)
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.threads[id]; t != nil {
		return t
	}
	if len(h.threads) > threadsMost {
		h.sweepLocked()
	}
	t := h.newThread(root)
	h.threads[id] = t
	return t
}

func (h *Host) newThread(root pipeline.PostID) *thread.Thread {
	id := h.threadID(root)
	log := h.Log.With("thread", id)
	return thread.New(thread.Config{ID: id, Root: root, Host: threadHost{h}, Clock: h.Clock, Engine: h.Engine, Lanes: h.Lanes,
		Closed: &h.closedCards, Log: log, Paper: desk.Paper{Runes: h.MaxRunes, Redact: h.Redact, Home: home.Dir()},
		Outbox: func(ready func(string, pipeline.PostID, []mattermost.Reaction), refused func(string, error)) *outbox.Outbox {
			return outbox.New(h.ctx, outbox.Config{Chat: h.Chat, Clock: h.Clock, Log: log, Me: h.Me.ID, Channel: h.Channel.ID,
				Root: string(root), Limit: h.MaxRunes, Posted: h.remember(root), Ready: ready, Refused: refused})
		}})
}

// sweepLocked forgets threads in which nothing goes on.
func (h *Host) sweepLocked() {
	for id, t := range h.threads {
		t.Lock()
		empty := t.EmptyLocked()
		t.Unlock()
		if empty {
			delete(h.threads, id)
		}
	}
}

// allThreads are the threads in memory.
func (h *Host) allThreads() []*thread.Thread {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.threads))
}

// threadHost is a host as its threads see it.
type threadHost struct{ h *Host }

var _ thread.Host = threadHost{}

func (t threadHost) Event(kind pipeline.Kind, root pipeline.PostID) *pipeline.Event {
	return t.h.event(kind, root)
}

func (t threadHost) Perform(ctx context.Context, r *pipeline.Run, alter func(pipeline.Effect) pipeline.Effect) {
	t.h.performer().performRun(ctx, r, alter)
}

func (t threadHost) Person(ctx context.Context, id pipeline.UserID, standing func(pipeline.UserID) (owner, invited bool), maxAge time.Duration) (pipeline.User, error) {
	return t.h.people.Person(ctx, id, standing, maxAge)
}

func (t threadHost) Locate(ctx context.Context, ev *pipeline.Event, th *thread.Thread) {
	t.h.locateIn(ctx, ev, sessionIn(th))
}

func (t threadHost) Member(ctx context.Context, id pipeline.UserID) error {
	return t.h.member(ctx, id)
}

func (t threadHost) KeyOf(thread pipeline.ThreadID, post pipeline.PostID) string {
	if own, known := t.h.posts.Of(post); known && own.Thread == thread {
		return own.Key
	}
	return ""
}

func (t threadHost) ForgetPost(post pipeline.PostID) { t.h.posts.Forget(post) }

func (t threadHost) Reacted(r mattermost.Reaction) { t.h.ears().receiveReaction(r, true) }

func (t threadHost) Gave(post pipeline.PostID) { t.h.delivered.Gave(post) }

func (t threadHost) Held(post pipeline.PostID, held bool) { t.h.delivered.Hold(post, held) }

func (t threadHost) Settled(th *thread.Thread) {
	if s := sessionIn(th); s != nil {
		t.h.slots().release(s)
	}
}

func (t threadHost) Listed() { t.h.listed() }

func (t threadHost) Stopping() bool { return t.h.stopping.Load() }

func (t threadHost) Asking() thread.Asking {
	set := t.h.settings()
	return thread.Asking{Approval: set.Approval, Cards: set.Cards, Parked: set.Parked}
}
