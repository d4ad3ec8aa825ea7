package session

import (
	"context"
	"errors"

	"ctpipe/internal/state"
)

// bury marks a session's record as ended. Until that is written the host
// remembers it itself, so that no quick message takes the session up again.
func (h slots) bury(s *Session) {
	h.attachments.Drop(s.id)
	if h.Store == nil {
		return
	}
	h.mu.Lock()
	h.over[s.id] = true
	h.mu.Unlock()
	err := h.Lanes.Enqueue(string(s.Thread.ID)+"/state", func(ctx context.Context) {
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
func (h slots) buryRecords(ctx context.Context) {
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
