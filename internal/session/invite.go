package session

import (
	"context"

	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// invite lets somebody talk in this session, also after a restart.
func (s *Session) invite(id, by pipeline.UserID) {
	s.Lock()
	s.about.Invite(id)
	s.Unlock()
	if s.host.Store == nil {
		return
	}
	s.record().save() // an invitation needs the session's record
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/state", func(ctx context.Context) {
		v := state.Invited{Session: s.id, User: id, By: by, At: s.host.Clock.Now()}
		if err := s.host.Store.Invite(context.WithoutCancel(ctx), v); err != nil {
			s.log.Warn("an invitation is not kept", "user", id, "err", err)
		}
	})
	if err != nil {
		s.log.Warn("an invitation is not kept", "user", id, "err", err)
	}
}
