package session

import (
	"context"
	"encoding/json"
	"errors"

	"ctpipe/internal/about"
	"ctpipe/internal/display"
	"ctpipe/internal/process"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// extra is what a session's record has no column for.
type extra struct {
	Fresh   bool                  `json:"fresh,omitempty"`  // see process.Fresh
	Offers  bool                  `json:"offers,omitempty"` // see inbox.Offers
	Pending *about.PendingWorkdir `json:"unplaced,omitempty"`

	Fails  int               `json:"fails,omitempty"` // starts in a row that came to nothing
	Tasks  display.Tasks     `json:"tasks,omitzero"`
	Wrote  []string          `json:"wrote,omitempty"`
	Raised bool              `json:"raised,omitempty"`
	Taint  bool              `json:"taint,omitempty"`
	Style  display.Verbosity `json:"style,omitempty"`
	List   pipeline.PostID   `json:"list,omitempty"` // the post of the task list
	Kept   persistedHeader   `json:"kept,omitzero"`
}

// recordLocked is the session as it is kept.
func (s record) recordLocked() state.Session {
	more, _ := json.Marshal(extra{Fresh: s.process.Fresh, Offers: s.inbox.Offers, Pending: s.about.Pending, Fails: s.process.Fails, Tasks: s.words.Tasks(), Style: s.words.Style(),
		List: s.words.ListPost(), Wrote: s.calls.Wrote, Taint: s.calls.Tainted, Raised: s.about.Raised, Kept: s.persistHeaderLocked()})
	return state.Session{ID: s.id, Platform: s.host.Platform, Thread: s.Thread.ID, ClaudeSession: s.process.Conversation, Owner: s.about.Owner,
		Dir: s.about.Dir, Model: s.about.Model, Mode: s.about.Mode, State: s.stateLocked(), Created: s.about.Created, LastActive: s.pause.Active,
		Turns: s.process.Turns, Cost: s.process.Cost, Extra: more}
}

// recorded makes a paused session of its record.
func (h slots) recorded(ctx context.Context, root pipeline.PostID, v state.Session) *Session {
	s := newSession(h.Host, h.thread(root), v.ID)
	s.process = process.Process{Phase: process.Paused, Conversation: v.ClaudeSession, Turns: v.Turns, Cost: v.Cost}
	s.about = about.About{Owner: v.Owner, Created: v.Created, Dir: v.Dir, Model: v.Model, Mode: v.Mode}
	var more extra
	if len(v.Extra) > 0 {
		if err := json.Unmarshal(v.Extra, &more); err != nil {
			s.log.Warn("a part of the session's record cannot be read", "err", err)
		}
	}
	s.process.Fresh, s.process.Fails, s.inbox.Offers = more.Fresh, more.Fails, more.Offers
	s.about.Pending, s.about.Raised = more.Pending, more.Raised
	s.calls.Wrote, s.calls.Tainted = more.Wrote, more.Taint
	s.words.SetStyle(more.Style)
	s.hands.files = h.attachments.Folder(v.ID)
	s.speech().takeList(more.Tasks, more.List)
	s.record().restoreHeader(more.Kept, v.State)
	guests, err := h.Store.Invitations(ctx, v.ID)
	if err != nil {
		s.log.Warn("the session's invitations cannot be read; nobody is invited", "err", err)
	}
	for _, g := range guests {
		s.about.Invite(g.User)
	}
	return s
}

// save keeps what a restart needs, in the state lane and once at a time. What
// has ended is not written any more.
func (s record) save() {
	s.Lock()
	defer s.Unlock()
	s.saveLocked()
}

func (s record) saveLocked() {
	if s.host.Store == nil || s.hands.saving {
		return
	}
	s.hands.saving = true
	s.hands.saves++
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/state", s.write)
	if err != nil {
		s.hands.saving = false
		s.hands.saves--
		s.log.Warn("the session is not saved", "err", err)
	}
}

func (s record) write(ctx context.Context) {
	defer s.saved()
	s.Lock()
	s.hands.saving = false
	v, over := s.recordLocked(), s.process.Phase == process.Ended
	s.Unlock()
	if over {
		return
	}
	if err := s.host.Store.SaveSession(context.WithoutCancel(ctx), v); err != nil && !errors.Is(err, state.ErrEnded) {
		s.log.Warn("saving the session", "err", err)
	}
}

// saved lets a paused session be forgotten now that its record is written, and
// behind what is still to be shown of it. Earlier, it would be read again from
// a record that is older than itself.
func (s record) saved() {
	s.Lock()
	s.hands.saves--
	last := s.hands.saves == 0 && s.process.Phase == process.Paused
	s.Unlock()
	if !last {
		return
	}
	s.host.listed()
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/show", func(ctx context.Context) {
		s.speech().flush(ctx)
		s.host.slots().release(s.Session)
	})
	if err != nil {
		s.log.Debug("a paused session stays in memory", "err", err)
	}
}
