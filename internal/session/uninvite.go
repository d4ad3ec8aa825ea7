package session

import (
	"context"
	"errors"

	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// uninvite takes somebody out of this session, also after a restart.
func (s *Session) uninvite(id pipeline.UserID) {
	s.Lock()
	s.about.Uninvite(id)
	s.Unlock()
	s.Left(id)
	s.dropGrantsOf(id)
	if s.host.Store == nil {
		return
	}
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/state", func(ctx context.Context) {
		err := s.host.Store.Uninvite(context.WithoutCancel(ctx), s.id, id)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			s.log.Warn("the end of an invitation is not kept", "user", id, "err", err)
		}
	})
	if err != nil {
		s.log.Warn("the end of an invitation is not kept", "user", id, "err", err)
	}
}
