package session

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
	"ctpipe/pipeline"
)

// thread is one chat thread in which ctpipe has something to say: its outbox,
// what waits for people in it, and the session that runs there, if one does. A
// start that waits for people is a prompt on the desk of a thread that has no
// session yet.
//
// One lock, mu, owns the desk and every part of the session. It is held for
// moments, never over I/O, and taken after the host's by whoever needs both.
type thread struct {
	host *Host
	id   pipeline.ThreadID
	root pipeline.PostID
	log  *slog.Logger
	out  *outbox.Outbox

	mu      sync.Mutex
	session *Session // nil while none is in memory; set with the host's lock held too, so that either is enough to read it
	desk    desk.Desk
	alarm   clock.Timer // for the desk
	due     time.Time   // when it rings; zero: never
}

func newThread(h *Host, root pipeline.PostID) *thread {
	t := &thread{host: h, id: h.threadID(root), root: root}
	t.log = h.Log.With("thread", t.id)
	t.out = outbox.New(h.ctx, outbox.Config{Chat: h.Chat, Clock: h.Clock, Log: t.log, Me: h.Me.ID,
		Channel: h.Channel.ID, Root: string(root), Limit: h.MaxRunes,
		Posted: h.remember(root), Ready: t.ready, Refused: t.refused})
	t.desk = desk.New(desk.Paper{Runes: h.MaxRunes, Redact: h.Redact, Home: home()})
	return t
}

// applyLocked does what came of an input to the desk.
func (t *thread) applyLocked(done desk.Done) {
	if done.Opened && t.session != nil {
		t.session.words.Seal()
	}
	t.out.Apply(done.Changes...)
	if t.session != nil {
		for _, p := range t.desk.Prompts() {
			t.session.noteCardLocked(p)
		}
	}
	for _, c := range done.Closed {
		t.host.closedCards.note(t.id, c)
	}
	t.setAlarmLocked()
}

// setAlarmLocked has the desk looked at when something on it is due.
func (t *thread) setAlarmLocked() {
	next := t.desk.Next()
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
	t.alarm = t.host.Clock.AfterFunc(next.Sub(t.host.Clock.Now()), t.ring)
}

// ring brings the cards up to date, and refuses what nobody answered in time.
func (t *thread) ring() {
	defer t.contain("a time limit", func() {})
	base, now := t.approval(), t.host.Clock.Now()
	t.mu.Lock()
	t.due = time.Time{}
	expired, changes := t.desk.Tick(base, now)
	t.applyLocked(desk.Done{Changes: changes})
	t.mu.Unlock()
	for _, id := range expired {
		t.expire(id)
	}
}

// approval are the terms of an ask that says nothing itself.
func (t *thread) approval() pipeline.Terms { return t.host.settings().Approval }

// live is the session of the thread, nil if none is in memory.
func (t *thread) live() *Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.session
}

// ready notes that a watched post is there, and takes the reactions that were
// faster than its seeds.
func (t *thread) ready(key string, post pipeline.PostID, early []mattermost.Reaction) {
	t.mu.Lock()
	card, s := t.desk.Posted(key, post), t.session
	t.mu.Unlock()
	if !card {
		if s != nil {
			s.listPosted(key, post)
		}
		return
	}
	for _, r := range early {
		t.host.receiveReaction(r, true)
	}
}

// refused ends a prompt whose card the server does not take: nobody can be asked.
func (t *thread) refused(key string, err error) {
	t.mu.Lock()
	p := t.desk.On("", key)
	t.mu.Unlock()
	if p != nil {
		t.unposted(p.ID, err)
	}
}

// notice writes a line of ctpipe's own into the thread.
func (t *thread) notice(text string) {
	t.mu.Lock()
	if t.session != nil {
		t.session.words.Seal()
	}
	t.mu.Unlock()
	t.host.postPages(t.out, text)
}

// newKey makes a key for a post that nobody else has.
func (t *thread) newKey(what string) string { return fmt.Sprintf("%s %d", what, t.out.Serial()) }

// emptyLocked reports that nothing is kept in a thread but what can be made anew.
func (t *thread) emptyLocked() bool {
	return t.session == nil && t.desk.Count(anyPrompt) == 0 && t.out.Done()
}

// tamperedWait is when an edit of a card is looked at again that may be one of ours.
const tamperedWait = time.Second

// contain keeps a panic to this thread.
func (t *thread) contain(what string, then func()) {
	if p := recover(); p != nil {
		t.log.Error("panic", "in", what, "panic", p, "stack", string(debug.Stack()))
		then()
	}
}

func anyPrompt(*desk.Prompt) bool { return true }
