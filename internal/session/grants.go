package session

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// listGrants shows what runs unasked in this session because somebody said ✅,
// and what that covers (A11, SEC-15).
func (s *Session) listGrants(pipeline.Control) {
	s.mu.Lock()
	grants := slices.Clone(s.grants)
	s.mu.Unlock()
	if len(grants) == 0 {
		s.notice("🔓 **Grants:** none. ✅ on a card that no rule asked for makes one.")
		return
	}
	now := s.host.Clock.Now()
	var b strings.Builder
	b.WriteString("🔓 **Grants** in this session\n")
	for _, g := range grants {
		fmt.Fprintf(&b, "\n- `%s` by %s since %s (%s ago)", g.ID, "@"+zeroWidth+s.name(g.By), g.Since.UTC().Format("15:04 UTC"), spoken(now.Sub(g.Since)))
	}
	b.WriteString("\n\nA grant lets calls run that no rule, hook or built-in lock asks for, if everybody whose messages led to the call could have allowed it. " +
		"It ends with `!revoke`, `!permissions interactive`, when who gave it is kicked, leaves or may not approve any more, and when the session stops or pauses or ctpipe restarts.")
	s.notice(b.String())
}

// revokeGrants ends grants: one by its id, or all. Everybody may revoke their
// own; those of others are for the owner and for who is on the platform's list.
func (s *Session) revokeGrants(e pipeline.Control) {
	want := ""
	if len(e.Args) > 0 {
		want = strings.ToLower(e.Args[0])
	}
	any := e.By.Owner || e.By.Allowed
	s.mu.Lock()
	if want == "" && len(s.grants) == 1 {
		want = s.grants[0].ID
	}
	var ended, foreign []string
	s.grants = slices.DeleteFunc(s.grants, func(g Grant) bool {
		switch {
		case g.ID != want && want != "all":
			return false
		case g.By != e.By.ID && !any:
			foreign = append(foreign, g.ID)
			return false
		}
		ended = append(ended, g.ID)
		return true
	})
	left := len(s.grants)
	s.mu.Unlock()
	switch {
	case len(ended) > 0:
		s.log.Info("grants revoked", "grants", ended, "user", e.By.ID)
		s.notice(fmt.Sprintf("🔒 **Revoked** %s by %s; %s", strings.Join(ended, ", "), s.who(e.By), grantsLeft(left)))
		s.refreshHeader()
	case len(foreign) > 0:
		s.notice("⛔ " + s.who(e.By) + " may only revoke their own grants")
	case left == 0:
		s.notice("ℹ️ There is no grant to revoke")
	default:
		s.notice("Usage: `!revoke <id>` or `!revoke all`; `!grants` lists the ids")
	}
}

func grantsLeft(n int) string {
	if n == 0 {
		return "people are asked again."
	}
	return fmt.Sprintf("%d left.", n)
}

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
	s.notice("🔒 What @" + zeroWidth + s.name(id) + " granted has ended; " + grantsLeft(left))
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
