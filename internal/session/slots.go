package session

import (
	"context"
	"errors"
	"fmt"

	"ctpipe/internal/command"
	"ctpipe/internal/process"
	"ctpipe/internal/state"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

const (
	errStopping command.UserError = thread.Stopping
	errOver     command.UserError = "ℹ️ This session has ended; mention me to start a new one."
)

// busy says that every slot is taken.
func busy(n int) error {
	return command.UserError(fmt.Sprintf("⚠️ **Too busy** - %d sessions active. Please try again later.", n))
}

// activeLocked counts the sessions that have a slot.
func (h slots) activeLocked() int {
	n := 0
	for _, t := range h.threads {
		if s := sessionInLocked(t); s != nil && s.hands.slot {
			n++
		}
	}
	return n
}

// claim gives s a slot, because somebody really uses it. Start says that its
// Claude has to be started, by the caller. An error is for people.
func (h slots) claim(s *Session) (start bool, err error) {
	most := h.settings().Max
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping.Load() {
		return false, errStopping
	}
	s.Lock()
	defer s.Unlock()
	if s.process.Phase == process.Ended {
		return false, errOver
	}
	if n := h.activeLocked(); !s.hands.slot && n >= most {
		return false, busy(n)
	}
	h.takeLocked(s)
	if start = s.process.Phase == process.Paused; start {
		s.process.Phase = process.Starting
	}
	return start, nil
}

// takeLocked makes s its thread's session, with a slot. The locks of the host
// and of the thread are held.
func (h slots) takeLocked(s *Session) {
	h.threads[s.Thread.ID] = s.Thread
	s.SetSessionLocked(asked{s})
	s.hands.slot = true
}

// enter makes a new session its thread's, with a slot, unless the thread has
// one already.
func (h slots) enter(s *Session, most int) (known *Session, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Lock()
	defer s.Unlock()
	known = sessionInLocked(s.Thread)
	switch n := h.activeLocked(); {
	case known != nil && known.process.Phase != process.Ended:
		return known, nil
	case h.stopping.Load():
		return nil, errStopping
	case n >= most:
		return nil, busy(n)
	}
	h.takeLocked(s)
	return nil, nil
}

// release takes the slot of a session that has no Claude, and forgets one that
// nothing waits in: it is read again when somebody writes there.
func (h slots) release(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Lock()
	defer s.Unlock()
	over := s.process.Phase == process.Ended
	if s.process.Phase != process.Paused && !over {
		return
	}
	s.hands.slot = false
	if sessionInLocked(s.Thread) == s && (over || s.spentLocked()) {
		s.SetSessionLocked(nil)
	}
}

// spentLocked reports that nothing waits in a paused session: its record says
// all, the thread has all its words, and its last Claude's process is gone.
func (s *Session) spentLocked() bool {
	if s.hands.gone != nil {
		select {
		case <-s.hands.gone:
		default:
			return false
		}
	}
	return s.Desk.Count(thread.OfSession) == 0 && len(s.inbox.Queue) == 0 && s.hands.saves == 0 && !s.words.Waits()
}

// sessionOf is the session of a thread, nil if it has none: one that lives, or
// a paused one that may go on. A stopped session never does.
func (h slots) sessionOf(ctx context.Context, root pipeline.PostID) *Session {
	if s := h.session(h.threadID(root)); s != nil {
		return s
	}
	if h.Store == nil {
		return nil
	}
	v, err := h.Store.Session(ctx, h.threadID(root))
	if err != nil {
		if !errors.Is(err, state.ErrNotFound) {
			h.Log.Warn("cannot read the thread's session", "thread", h.threadID(root), "err", err)
		}
		return nil
	}
	s := h.recorded(ctx, root, v)
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Lock()
	defer s.Unlock()
	switch known := sessionInLocked(s.Thread); {
	case known != nil:
		return known
	case h.over[v.ID]:
		return nil
	}
	h.threads[s.Thread.ID] = s.Thread
	s.SetSessionLocked(asked{s})
	return s
}
