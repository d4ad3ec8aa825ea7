package thread

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/desk"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// Config is what a thread is made of.
type Config struct {
	ID     pipeline.ThreadID
	Root   pipeline.PostID
	Host   Host
	Clock  clock.Clock
	Engine *pipeline.Engine
	Lanes  *pipeline.Lanes
	Closed *ClosedCards
	Paper  desk.Paper
	Log    *slog.Logger
	// Outbox makes the outbox that posts into the thread, which calls ready and
	// refused about its watched posts.
	Outbox func(ready func(key string, post pipeline.PostID, early []mattermost.Reaction), refused func(key string, err error)) *outbox.Outbox
}

// Thread is one chat thread in which ctpipe has something to say: its outbox,
// what waits for people in it, and the session that runs there, if one does. A
// start that waits for people is a prompt on the desk of a thread that has no
// session yet.
//
// Its lock owns the desk and every part of the session. It is held for moments,
// never over I/O, and taken after the host's by whoever needs both.
type Thread struct {
	ID   pipeline.ThreadID
	Root pipeline.PostID
	Out  *outbox.Outbox

	conf Config
	log  *slog.Logger

	mu      sync.Mutex
	Desk    desk.Desk
	session Session     // nil while none is in memory
	alarm   clock.Timer // for the desk
	due     time.Time   // when it rings; zero: never
}

// New makes a thread in which nothing has been said.
func New(c Config) *Thread {
	t := &Thread{ID: c.ID, Root: c.Root, conf: c, log: c.Log, Desk: desk.New(c.Paper)}
	t.Out = c.Outbox(t.ready, t.refused)
	return t
}

// Lock takes the thread's lock, which owns the desk and the session's parts.
func (t *Thread) Lock() { t.mu.Lock() }

// Unlock gives the thread's lock back.
func (t *Thread) Unlock() { t.mu.Unlock() }

// SessionLocked is the session that runs here, nil if none is in memory.
func (t *Thread) SessionLocked() Session { return t.session }

// SetSessionLocked makes s the session of this thread; nil forgets the last one.
func (t *Thread) SetSessionLocked(s Session) { t.session = s }

// Session is the session that runs here, nil if none is in memory.
func (t *Thread) Session() Session {
	t.Lock()
	defer t.Unlock()
	return t.session
}

// standing says what somebody is in the session that runs here.
func (t *Thread) standing(id pipeline.UserID) (owner, invited bool) {
	if s := t.Session(); s != nil {
		return s.Standing(id)
	}
	return false, false
}

func (t *Thread) now() time.Time { return t.conf.Clock.Now() }

// Approval are the terms of an ask that says nothing itself.
func (t *Thread) Approval() pipeline.Terms { return t.conf.Host.Asking().Approval }

// ApplyLocked does what came of an input to the desk.
func (t *Thread) ApplyLocked(done desk.Done) {
	if t.session != nil {
		if done.Opened {
			t.session.SealLocked()
		}
		for _, p := range t.Desk.Prompts() {
			t.session.CardShownLocked(p)
		}
	}
	t.Out.Apply(done.Changes...)
	for _, c := range done.Closed {
		t.conf.Closed.note(t.ID, c)
	}
	t.SetAlarmLocked()
}

// SetAlarmLocked has the desk looked at when something on it is due.
func (t *Thread) SetAlarmLocked() {
	next := t.Desk.Next()
	if next.Equal(t.due) {
		return
	}
	if t.alarm != nil {
		t.alarm.Stop()
		t.alarm = nil
	}
	if t.due = next; next.IsZero() {
		return
	}
	t.alarm = t.conf.Clock.AfterFunc(next.Sub(t.now()), t.ring)
}

// ring brings the cards up to date, and refuses what nobody answered in time.
func (t *Thread) ring() {
	defer t.Contain("a time limit", func() {})
	base, now := t.Approval(), t.now()
	t.Lock()
	t.due = time.Time{}
	expired, changes := t.Desk.Tick(base, now)
	t.ApplyLocked(desk.Done{Changes: changes})
	t.Unlock()
	for _, id := range expired {
		t.answering().expire(id)
	}
}

// ready notes that a watched post is there, and takes the reactions that were
// faster than its seeds.
func (t *Thread) ready(key string, post pipeline.PostID, early []mattermost.Reaction) {
	t.Lock()
	card, s := t.Desk.Posted(key, post), t.session
	t.Unlock()
	if !card {
		if s != nil {
			s.Posted(key, post)
		}
		return
	}
	for _, r := range early {
		t.conf.Host.Reacted(r)
	}
}

// refused ends a prompt whose card the server does not take: nobody can be asked.
func (t *Thread) refused(key string, err error) {
	t.Lock()
	p := t.Desk.On("", key)
	t.Unlock()
	if p != nil {
		t.answering().unposted(p.ID, err)
	}
}

// Notice writes a line of ctpipe's own into the thread, as one post or as many as
// it takes. Credentials are taken out of it.
func (t *Thread) Notice(text string) {
	t.Lock()
	if t.session != nil {
		t.session.SealLocked()
	}
	t.Unlock()
	for _, page := range paginate.Pages(t.conf.Paper.Clean(text), t.conf.Paper.Runes) {
		t.Out.Notice(t.NewKey("say"), page)
	}
}

// NewKey makes a key for a post that nobody else has.
func (t *Thread) NewKey(what string) string { return fmt.Sprintf("%s %d", what, t.Out.Serial()) }

// EmptyLocked reports that nothing is kept in a thread but what can be made anew.
func (t *Thread) EmptyLocked() bool {
	return t.session == nil && t.Desk.Count(AnyPrompt) == 0 && t.Out.Done()
}

// Contain keeps a panic to this thread; it is deferred. Then is called after one.
func (t *Thread) Contain(what string, then func()) {
	if p := recover(); p != nil {
		t.log.Error("panic", "in", what, "panic", p, "stack", string(debug.Stack()))
		then()
	}
}
