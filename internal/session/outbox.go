package session

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// The pace of one post's edits. A server that takes long is edited less often:
// each edit costs it the whole thread (server.md, 3).
const (
	editEvery   = 250 * time.Millisecond
	firstEdit   = 100 * time.Millisecond // a new post often holds no more than a word
	editPerTook = 3
	retryFirst  = time.Second
	retryMost   = 30 * time.Second
)

// Draft is what a post shall be.
type Draft struct {
	Text  string
	Props map[string]any
	Seeds []string // emoji that ctpipe sets under it, in order
}

// Outbox is the one place that posts into a thread. It is told what each post
// shall be, by key, and brings the thread there: posts appear in the order of
// their first Put, edits coalesce, and what the server refuses for the moment
// is tried again. All methods are safe for concurrent use and never block.
type Outbox struct {
	ctx     context.Context
	chat    Chat
	clock   Clock
	log     *slog.Logger
	me      string // the bot's user id
	channel string
	root    string
	posted  func(id pipeline.PostID, key string) // a post of ours exists now

	count   atomic.Int64
	mu      sync.Mutex
	entries []*entry // in the order of their first Put
	running bool
	timer   Timer
	idle    chan struct{} // closed while nothing is left to do
}

type entry struct {
	key     string
	want    Draft
	have    string // the text the server has
	id      string // "" before it is created
	pending string // the same for every try, so that no try makes a second post
	seeded  int
	ready   func(pipeline.PostID, []mattermost.Reaction)
	due     time.Time
	tries   int
	remove  bool
	sealed  bool // no further Put comes: it is forgotten once it is done
	reborn  bool // it was deleted by somebody and made again
	lost    bool // the server refused it for good
}

func newOutbox(ctx context.Context, h *Host, root pipeline.PostID, log *slog.Logger) *Outbox {
	idle := make(chan struct{})
	close(idle)
	return &Outbox{ctx: ctx, chat: h.Chat, clock: h.Clock, log: log, me: h.Me.ID,
		channel: h.Channel.ID, root: string(root), posted: h.remember(root), idle: idle}
}

// Put says what the post with this key shall be. Ready, which may be nil, is
// called once with the post's id and the reactions that were on it when its
// seeds were set.
func (o *Outbox) Put(key string, d Draft, ready func(pipeline.PostID, []mattermost.Reaction)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.find(key)
	if e == nil {
		e = &entry{key: key, pending: mattermost.NewPendingID()}
		o.entries = append(o.entries, e)
	}
	if d.Props == nil {
		d.Props = e.want.Props
	}
	e.want = d
	if ready != nil {
		e.ready = ready
	}
	o.kick()
}

// notice posts a line that stays as it is.
func (o *Outbox) notice(key, text string) {
	o.Put(key, Draft{Text: text, Props: props("notice")}, nil)
	o.Seal(key)
}

// serial counts, for keys that nobody else has.
func (o *Outbox) serial() int64 { return o.count.Add(1) }

// React sets an emoji under any post of the chat.
func (o *Outbox) React(post pipeline.PostID, emoji string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, &entry{key: "react", id: string(post), sealed: true, want: Draft{Seeds: []string{emoji}}})
	o.kick()
}

// Remove deletes the post with this key, or keeps it from being made.
func (o *Outbox) Remove(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil {
		e.remove = true
		e.due = time.Time{}
		o.kick()
	}
}

// Seal says that the post with this key stays as it was last put.
func (o *Outbox) Seal(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil {
		e.sealed = true
		o.kick()
	}
}

// Wait returns when everything is in the thread, or with ctx.
func (o *Outbox) Wait(ctx context.Context) {
	o.mu.Lock()
	idle := o.idle
	o.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

func (o *Outbox) find(key string) *entry {
	for _, e := range slices.Backward(o.entries) {
		if e.key == key {
			return e
		}
	}
	return nil
}

// kick starts the worker; the lock is held.
func (o *Outbox) kick() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if o.running || o.ctx.Err() != nil {
		return
	}
	select {
	case <-o.idle:
		o.idle = make(chan struct{})
	default:
	}
	o.running = true
	go o.work()
}

// work does one thing after another until nothing is due.
func (o *Outbox) work() {
	for {
		o.mu.Lock()
		e, wait := o.next()
		if e == nil {
			o.rest(wait)
			o.mu.Unlock()
			return
		}
		job := *e
		o.mu.Unlock()
		o.settle(e, &job, o.perform(&job))
	}
}

// rest ends the worker; the lock is held.
func (o *Outbox) rest(wait time.Duration) {
	o.running = false
	switch {
	case wait > 0:
		o.timer = o.clock.AfterFunc(wait, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.kick()
		})
	default:
		close(o.idle)
	}
}

// next finds what to do now: new posts first and in order, then what is due.
// Without any it says how long until something is.
func (o *Outbox) next() (*entry, time.Duration) {
	now, wait := o.clock.Now(), time.Duration(0)
	o.entries = slices.DeleteFunc(o.entries, func(e *entry) bool { return !e.dirty() && (e.sealed || e.remove || e.lost) })
	var edit *entry
	for _, e := range o.entries {
		if !e.dirty() {
			continue
		}
		if left := e.due.Sub(now); left > 0 && !(e.tries == 0 && e.onlySeeds()) {
			if wait == 0 || left < wait {
				wait = left
			}
			if e.id == "" {
				break // later posts must not overtake it
			}
			continue
		}
		if e.id == "" {
			return e, 0
		}
		if edit == nil {
			edit = e
		}
	}
	return edit, wait
}

// dirty reports that the thread is not yet as it shall be.
func (e *entry) dirty() bool {
	switch {
	case e.lost:
		return false
	case e.remove:
		return e.id != ""
	case e.id == "":
		return e.want.Text != ""
	}
	return e.have != e.want.Text || e.seeded < len(e.want.Seeds)
}

// onlySeeds reports that a post stands as it shall but for its reactions,
// which are not held back by the pace of edits.
func (e *entry) onlySeeds() bool { return e.id != "" && !e.remove && e.have == e.want.Text }

// settle records how a job ended. Meanwhile the entry may have been put anew.
func (o *Outbox) settle(e, job *entry, err error) {
	now := o.clock.Now()
	o.mu.Lock()
	e.have, e.id, e.seeded, e.reborn, e.pending = job.have, job.id, job.seeded, job.reborn, job.pending
	e.due, e.tries = job.due, 0
	switch {
	case err == nil:
	case permanent(err):
		e.lost = true
		o.log.Error("the chat server refuses a post", "post", e.id, "key", e.key, "err", err)
	default:
		e.tries = job.tries + 1
		e.due = now.Add(pause(err, e.tries))
		o.log.Warn("posting is tried again", "post", e.id, "key", e.key, "try", e.tries, "err", err)
	}
	ready := e.ready
	done := ready != nil && e.id != "" && e.seeded >= len(e.want.Seeds) && err == nil
	if done {
		e.ready = nil
	}
	o.mu.Unlock()
	if done {
		o.reportReady(pipeline.PostID(job.id), ready)
	}
}

// reportReady reads the reactions that came while seeds were being set, so
// that a fast click counts (SEC-05).
func (o *Outbox) reportReady(id pipeline.PostID, ready func(pipeline.PostID, []mattermost.Reaction)) {
	found, err := o.chat.Reactions(o.ctx, string(id))
	if err != nil {
		o.log.Warn("cannot read the reactions of a new post", "post", id, "err", err)
	}
	ready(id, slices.DeleteFunc(found, func(r mattermost.Reaction) bool { return r.UserID == o.me }))
}

// pause is how long to wait after the n-th failure in a row.
func pause(err error, n int) time.Duration {
	var api *mattermost.APIError
	if errors.As(err, &api) && api.RetryAfter > 0 {
		return api.RetryAfter
	}
	return min(retryMost, retryFirst<<min(n-1, 5))
}

// permanent reports an error that trying again cannot mend.
func permanent(err error) bool {
	var api *mattermost.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500 && api.Status != 429 && api.Status != 401 && api.Status != 408
}
