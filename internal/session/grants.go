package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// dropGrantsOf ends what somebody granted who has lost their part in the session
// and says so.
func (s *Session) dropGrantsOf(id pipeline.UserID) {
	s.Lock()
	gone := s.Desk.EndGrants(func(g desk.Grant) bool { return g.By == id })
	left := len(s.Desk.Grants())
	s.Unlock()
	if len(gone) == 0 {
		return
	}
	s.log.Info("grants ended with who gave them", "user", id, "grants", gone)
	s.Notice("🔒 What " + markdown.Name(s.name(id)) + " granted has ended; " + command.GrantsLeft(left))
	s.headline().refreshHeader()
}

// holding are the grants that lift something now: those of people who may still
// approve. Somebody who cannot be looked up grants nothing.
func (s gatekeeper) holding(ctx context.Context) []string {
	s.Lock()
	grants := s.Desk.Grants()
	s.Unlock()
	may := pipeline.Terms{Approvers: s.Approval().Approvers}
	ids := make([]string, 0, len(grants))
	for _, g := range grants {
		u, err := s.host.person(ctx, g.By, s.Session, accountFor)
		switch {
		case err != nil:
			s.log.Warn("a grant does not hold", "grant", g.ID, "user", g.By, "err", err)
		case may.Admits(u, nil):
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// endGrantsLocked ends all grants, because the session pauses, and says how.
func (s *Session) endGrantsLocked() string {
	if len(s.Desk.EndGrants(desk.AllGrants)) == 0 {
		return ""
	}
	return "\n\n🔒 What ✅ granted in this session has ended; people are asked again."
}
