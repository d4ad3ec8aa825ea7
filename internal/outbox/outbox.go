// Package outbox brings a thread of the chat to where it shall be: it posts,
// edits, deletes and reacts, in order and however often that has to be tried.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// The pace of one post's edits. A server that takes long is edited less often:
// for each edit Mattermost works through the whole thread.
const (
	editEvery   = 250 * time.Millisecond
	firstEdit   = 100 * time.Millisecond // a new post often holds no more than a word
	editPerTook = 3
	retryFirst  = time.Second
	retryMost   = 30 * time.Second
)

// Outbox is the one place that posts into a thread. It is told what each post
// shall be, by key, and brings the thread there: posts appear in the order of
// their first Put, edits coalesce, and what the server refuses for the moment
// is tried again. All methods are safe for concurrent use and never block.
type Outbox struct {
	ctx     context.Context
	chat    Chat
	clock   clock.Clock
	log     *slog.Logger
	me      string // the bot's user id
	channel string
	root    string
	limit   int                                  // runes of a post, 0 if nobody said
	posted  func(id pipeline.PostID, key string) // a post of ours exists now
	ready   func(key string, id pipeline.PostID, early []mattermost.Reaction)
	refused func(key string, err error)

	count   atomic.Int64
	mu      sync.Mutex
	entries []*entry // in the order of their first Put
	last    string   // key of the newest
	running bool
	timer   clock.Timer
	idle    chan struct{} // closed while nothing is left to do
}

type entry struct {
	key     string
	want    Draft
	have    string // the text the server has
	id      string // "" before it is created
	made    int64  // when it was created, in milliseconds of the server's clock
	pending string // the same for every try, so that no try makes a second post
	doubt   bool   // a try may have made the post: look before the next
	seeded  int
	files   []string     // ids of those of want.Files that are uploaded
	bare    []Attachment // those that the server does not take
	told    bool         // Ready was called for this post
	due     time.Time
	tries   int
	remove  bool
	sealed  bool // no further Put comes: it is forgotten once it is done
	lost    bool // the server refused it for good

	sent []uint64 // fingerprints of its newest texts
	busy bool     // a text of it is on its way

	was    step   // of a job: what it did,
	before string // and the post's id when it began
}

// New makes an outbox that works until ctx ends.
func New(ctx context.Context, c Config) *Outbox {
	idle := make(chan struct{})
	close(idle)
	if c.Posted == nil {
		c.Posted = func(pipeline.PostID, string) {}
	}
	if c.Ready == nil {
		c.Ready = func(string, pipeline.PostID, []mattermost.Reaction) {}
	}
	if c.Refused == nil {
		c.Refused = func(string, error) {}
	}
	return &Outbox{ctx: ctx, chat: c.Chat, clock: c.Clock, log: c.Log, me: c.Me,
		channel: c.Channel, root: c.Root, limit: c.Limit, posted: c.Posted, ready: c.Ready, refused: c.Refused, idle: idle}
}

// Put says what the post with this key shall be.
func (o *Outbox) Put(key string, d Draft) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.find(key)
	if e == nil || e.remove {
		e = &entry{key: key, pending: mattermost.NewPendingID()}
		o.entries, o.last = append(o.entries, e), key
	}
	if d.Props == nil {
		d.Props = e.want.Props
	}
	d.Watched = d.Watched || e.want.Watched
	if e.want.Files != nil {
		d.Files = e.want.Files
	}
	if e.bare != nil {
		d = d.without(e.bare, o.limit)
	}
	e.want = d
	o.kick()
}

// Newest reports that nothing was posted after the post with this key.
func (o *Outbox) Newest(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last == key
}

// Notice posts a line that stays as it is.
func (o *Outbox) Notice(key, text string) {
	o.Put(key, Draft{Text: text, Props: Props("notice")})
	o.Seal(key)
}

// Serial counts, for keys that nobody else has.
func (o *Outbox) Serial() int64 { return o.count.Add(1) }

// React sets an emoji under any post of the chat.
func (o *Outbox) React(post pipeline.PostID, emoji string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, &entry{key: "react", id: string(post), sealed: true, want: Draft{Seeds: []string{emoji}}})
	o.kick()
}

// Adopt goes on with a post of ours from before this outbox: the next Put with
// the key edits it, and Remove deletes it.
func (o *Outbox) Adopt(key string, post pipeline.PostID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, &entry{key: key, id: string(post), pending: mattermost.NewPendingID()})
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

// Gone says that somebody deleted a post of this outbox. One that is still
// needed is made again; sealed ones stay deleted.
func (o *Outbox) Gone(key string, post pipeline.PostID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil && e.id == string(post) && !e.sealed && !e.remove {
		e.reborn()
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
	case <-o.ctx.Done():
	case <-ctx.Done():
	}
}

// Done reports that nothing is left to do.
func (o *Outbox) Done() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-o.idle:
		return true
	default:
		return false
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
	o.entries = slices.DeleteFunc(o.entries, func(e *entry) bool { return !e.dirty() && (e.sealed || e.remove) })
	var edit *entry
	for _, e := range o.entries {
		if !e.dirty() {
			continue
		}
		if left := e.due.Sub(now); left > 0 && !(e.tries == 0 && e.onlyMarks()) {
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
func (e *entry) dirty() bool { return e.step() != stepNone }

// onlyMarks reports that a post stands as it shall but for its reactions,
// which are not held back by the pace of edits.
func (e *entry) onlyMarks() bool {
	s := e.step()
	return s == stepSeed || s == stepTell
}

// reborn lets the post be made again, as another one.
func (e *entry) reborn() {
	e.id, e.have, e.seeded, e.told, e.doubt, e.files = "", "", 0, false, false, nil
	e.pending, e.due = mattermost.NewPendingID(), time.Time{}
}

// settle records how a job ended. Meanwhile the entry may have been put anew,
// or its post may be gone.
func (o *Outbox) settle(e, job *entry, err error) {
	now := o.clock.Now()
	step := job.was
	o.mu.Lock()
	e.busy = false
	if e.id != job.before {
		o.mu.Unlock()
		return // the post was deleted meanwhile, and is to be made again
	}
	e.have, e.id, e.made, e.seeded = job.have, job.id, job.made, job.seeded
	e.pending, e.doubt, e.told, e.files = job.pending, job.doubt, job.told, job.files
	e.due, e.tries = job.due, 0
	refused := false
	switch {
	case err == nil:
	case Permanent(err) || step == stepUpload && job.tries >= uploadTries:
		refused = e.giveUp(step, job)
		if step == stepUpload {
			e.fileless(o.limit)
		}
		o.log.Error("the chat server refuses something", "step", step, "post", e.id, "key", e.key, "err", err)
	default:
		e.tries = job.tries + 1
		e.due = now.Add(pause(err, e.tries))
		o.log.Warn("posting is tried again", "step", step, "post", e.id, "key", e.key, "try", e.tries, "err", err)
	}
	o.mu.Unlock()
	if refused {
		o.refused(e.key, err)
	}
}

// giveUp leaves out what the server will never do, so that the rest goes on. It
// reports a post that is never made.
func (e *entry) giveUp(step step, job *entry) (refused bool) {
	switch step {
	case stepErase:
		e.id = ""
	case stepCreate:
		e.lost = true
		return true
	case stepEdit:
		e.have = job.want.Text // not this text again, but the next one
	case stepSeed:
		e.seeded++
	case stepTell:
		e.told = true
	}
	return false
}

// pause is how long to wait after the n-th failure in a row.
func pause(err error, n int) time.Duration {
	var api *mattermost.APIError
	if errors.As(err, &api) && api.RetryAfter > 0 {
		return api.RetryAfter
	}
	return min(retryMost, retryFirst<<min(n-1, 5))
}

// Permanent reports an error that trying again cannot mend.
func Permanent(err error) bool {
	var api *mattermost.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500 && api.Status != 429 && api.Status != 401 && api.Status != 408
}
