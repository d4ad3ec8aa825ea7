package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ctpipe/internal/command"
	"ctpipe/internal/display"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

const (
	errStopping command.UserError = "⏸️ ctpipe is stopping; write again when it is back."
	errOver     command.UserError = "ℹ️ This session has ended; mention me to start a new one."
)

// busy says that every slot is taken.
func busy(n int) error {
	return command.UserError(fmt.Sprintf("⚠️ **Too busy** - %d sessions active. Please try again later.", n))
}

// active counts the sessions that have a slot; the lock is held.
func (h *Host) active() int {
	n := 0
	for _, s := range h.sessions {
		if s.slot {
			n++
		}
	}
	return n
}

// claim gives s a slot, because somebody really uses it. Start says that its
// Claude has to be started, by the caller. An error is for people.
func (h *Host) claim(s *Session) (start bool, err error) {
	most := h.settings().Max
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false, errStopping
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == ended {
		return false, errOver
	}
	if n := h.active(); !s.slot && n >= most {
		return false, busy(n)
	}
	h.sessions[s.thread], s.slot = s, true
	if start = s.phase == paused; start {
		s.phase = starting
	}
	return start, nil
}

// release takes the slot of a session that has no Claude, and forgets one that
// nothing waits in: it is read again when somebody writes there.
func (h *Host) release(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != paused && s.phase != ended {
		return
	}
	s.slot = false
	if h.sessions[s.thread] == s && (s.phase == ended || s.spent()) {
		delete(h.sessions, s.thread)
	}
}

// spent reports that nothing waits in a paused session: its record says all,
// the thread has all its words, and its last Claude's process is gone. The lock
// is held.
func (s *Session) spent() bool {
	if s.gone != nil {
		select {
		case <-s.gone:
		default:
			return false
		}
	}
	return len(s.prompts) == 0 && len(s.queue) == 0 && s.saves == 0 && len(s.dirty) == 0
}

// isOver reports a session that has ended for good.
func (s *Session) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == ended
}

// sessionOf is the session of a thread, nil if it has none: one that lives, or
// a paused one that may go on. A stopped session never does (DATA-04).
func (h *Host) sessionOf(ctx context.Context, root pipeline.PostID) *Session {
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
	if known := h.sessions[s.thread]; known != nil {
		return known
	}
	if h.over[v.ID] {
		return nil
	}
	h.sessions[s.thread] = s
	return s
}

// recorded makes a paused session of its record.
func (h *Host) recorded(ctx context.Context, root pipeline.PostID, v state.Session) *Session {
	s := newSession(h, root, v.ID)
	s.phase, s.owner, s.claudeID = paused, v.Owner, v.ClaudeSession
	s.dir, s.model, s.mode, s.turns, s.cost, s.created = v.Dir, v.Model, v.Mode, v.Turns, v.Cost, v.Created
	var more extra
	if len(v.Extra) > 0 {
		if err := json.Unmarshal(v.Extra, &more); err != nil {
			s.log.Warn("a part of the session's record cannot be read", "err", err)
		}
	}
	s.fresh, s.offers, s.unplaced = more.Fresh, more.Offers, more.Unplaced
	s.files = h.attachments.Folder(v.ID)
	s.fails, s.list.Tasks, s.style = more.Fails, more.Tasks, more.Style
	s.wrote, s.tainted, s.raised = more.Wrote, more.Taint, more.Raised
	s.takeList(more.List)
	s.restore(more.Kept, v.State)
	guests, err := h.Store.Invitations(ctx, v.ID)
	if err != nil {
		s.log.Warn("the session's invitations cannot be read; nobody is invited", "err", err)
	}
	for _, g := range guests {
		s.invited[g.User] = true
	}
	return s
}

// extra is what a session's record has no column for.
type extra struct {
	Fresh  bool `json:"fresh,omitempty"`  // see Session.fresh
	Offers bool `json:"offers,omitempty"` // see Session.offers

	Unplaced *unplaced `json:"unplaced,omitempty"` // see Session.setOut

	Fails  int               `json:"fails,omitempty"` // starts in a row that came to nothing
	Tasks  display.Tasks     `json:"tasks,omitzero"`
	Wrote  []string          `json:"wrote,omitempty"`  // running what Claude wrote stays opaque (S6)
	Raised bool              `json:"raised,omitempty"` // see Session.raised
	Taint  bool              `json:"taint,omitempty"`  // Claude has read what strangers wrote
	Style  display.Verbosity `json:"style,omitempty"`  // see setVerbosity
	List   pipeline.PostID   `json:"list,omitempty"`   // the post of the task list
	Kept   kept              `json:"kept,omitzero"`
}

// save keeps what a restart needs, in the state lane and once at a time. What
// has ended is not written any more (DATA-05).
func (s *Session) save() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saveSoon()
}

// saveSoon is save where the lock is held.
func (s *Session) saveSoon() {
	if s.host.Store == nil || s.saving {
		return
	}
	s.saving = true
	s.saves++
	err := s.host.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
		defer s.saved()
		s.mu.Lock()
		s.saving = false
		v, over := s.record(), s.phase == ended
		s.mu.Unlock()
		if over {
			return
		}
		if err := s.host.Store.SaveSession(context.WithoutCancel(ctx), v); err != nil && !errors.Is(err, state.ErrEnded) {
			s.log.Warn("saving the session", "err", err)
		}
	})
	if err != nil {
		s.saving = false
		s.saves--
		s.log.Warn("the session is not saved", "err", err)
	}
}

// saved lets a paused session be forgotten now that its record is written, and
// behind what is still to be shown of it. Earlier, it would be read again from
// a record that is older than itself.
func (s *Session) saved() {
	s.mu.Lock()
	s.saves--
	last := s.saves == 0 && s.phase == paused
	s.mu.Unlock()
	if !last {
		return
	}
	s.host.listed()
	err := s.host.Lanes.Enqueue(string(s.thread)+"/show", func(ctx context.Context) {
		s.flush(ctx)
		s.host.release(s)
	})
	if err != nil {
		s.log.Debug("a paused session stays in memory", "err", err)
	}
}

// record is the session as it is kept; the lock is held.
func (s *Session) record() state.Session {
	more, _ := json.Marshal(extra{Fresh: s.fresh, Offers: s.offers, Unplaced: s.unplaced, Fails: s.fails, Tasks: s.list.Tasks, Style: s.style,
		List: s.listPost(), Wrote: s.wrote, Taint: s.tainted, Raised: s.raised, Kept: s.keep()})
	return state.Session{ID: s.id, Platform: s.host.Platform, Thread: s.thread, ClaudeSession: s.claudeID, Owner: s.owner,
		Dir: s.dir, Model: s.model, Mode: s.mode, State: s.state(), Created: s.created, LastActive: s.active,
		Turns: s.turns, Cost: s.cost, Extra: more}
}

// bury marks a session's record as ended. Until that is written the host
// remembers it itself, so that no quick message takes the session up again.
func (h *Host) bury(s *Session) {
	h.attachments.Drop(s.id)
	if h.Store == nil {
		return
	}
	h.mu.Lock()
	h.over[s.id] = true
	h.mu.Unlock()
	err := h.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
		err := h.Store.EndSession(context.WithoutCancel(ctx), s.id)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			s.log.Error("the session's end is not recorded; it stays ended until ctpipe is restarted", "err", err)
			return
		}
		h.mu.Lock()
		delete(h.over, s.id)
		h.mu.Unlock()
		h.listed()
	})
	if err != nil {
		s.log.Error("the session's end is not recorded; it stays ended until ctpipe is restarted", "err", err)
	}
}

// buryRecords marks every session of the platform as ended that only a record
// is left of.
func (h *Host) buryRecords(ctx context.Context) {
	if h.Store == nil {
		return
	}
	records, err := h.Store.Sessions(ctx)
	if err != nil {
		h.Log.Error("paused sessions cannot be ended", "err", err)
		return
	}
	for _, v := range records {
		if v.Platform != h.Platform {
			continue
		}
		h.attachments.Drop(v.ID)
		if err := h.Store.EndSession(ctx, v.ID); err != nil {
			h.Log.Error("a paused session cannot be ended", "session", v.ID, "err", err)
		}
	}
}
