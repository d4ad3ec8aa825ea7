package session

import (
	"context"
	"slices"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// dropGrantsOf ends what somebody granted who has lost their part in the session
// (SEC-15), and says so.
func (s *Session) dropGrantsOf(id pipeline.UserID) {
	s.mu.Lock()
	had := len(s.grants)
	s.grants = slices.DeleteFunc(s.grants, func(g Grant) bool { return g.By == id })
	gone, left := had-len(s.grants), len(s.grants)
	s.mu.Unlock()
	if gone == 0 {
		return
	}
	s.log.Info("grants ended with who gave them", "user", id, "grants", gone)
	s.notice("🔒 What @" + zeroWidth + s.name(id) + " granted has ended; " + command.GrantsLeft(left))
	s.refreshHeader()
}

// holding are the grants that lift something now: those of people who may still
// approve. Somebody who cannot be looked up grants nothing (SEC-15, I7).
func (s *Session) holding(ctx context.Context) []string {
	s.mu.Lock()
	grants := slices.Clone(s.grants)
	s.mu.Unlock()
	may := pipeline.Terms{Approvers: s.host.settings().Approval.Approvers}
	ids := make([]string, 0, len(grants))
	for _, g := range grants {
		u, err := s.host.person(ctx, g.By, s, accountFor)
		switch {
		case err != nil:
			s.log.Warn("a grant does not hold", "grant", g.ID, "user", g.By, "err", err)
		case may.Admits(u, nil):
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// endGrants ends all grants, because the session pauses, and says how; the lock
// is held.
func (s *Session) endGrants() string {
	if len(s.grants) == 0 {
		return ""
	}
	s.grants = nil
	return "\n\n🔒 What ✅ granted in this session has ended; people are asked again."
}
