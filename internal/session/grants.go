package session

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// grants are what lifts the default ask in this session.
func (t *thread) grants() []desk.Grant {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.desk.Grants()
}

// listGrants shows what runs unasked in this session because somebody said ✅,
// and what that covers.
func (s *Session) listGrants() {
	grants := s.grants()
	if len(grants) == 0 {
		s.notice("🔓 **Grants:** none. ✅ on a card that no rule asked for makes one.")
		return
	}
	now := s.host.Clock.Now()
	var b strings.Builder
	b.WriteString("🔓 **Grants** in this session\n")
	for _, g := range grants {
		fmt.Fprintf(&b, "\n- `%s` by %s since %s (%s ago)", g.ID, markdown.Name(s.name(g.By)), g.Since.UTC().Format("15:04 UTC"), display.Spoken(now.Sub(g.Since)))
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
	others := e.By.Owner || e.By.Allowed
	foreign := 0
	s.mu.Lock()
	if grants := s.desk.Grants(); want == "" && len(grants) == 1 {
		want = grants[0].ID
	}
	ended := s.desk.EndGrants(func(g desk.Grant) bool {
		meant := g.ID == want || want == "all"
		if meant && g.By != e.By.ID && !others {
			foreign++
			return false
		}
		return meant
	})
	left := len(s.desk.Grants())
	s.mu.Unlock()
	switch {
	case len(ended) > 0:
		s.log.Info("grants revoked", "grants", ended, "user", e.By.ID)
		s.notice(fmt.Sprintf("🔒 **Revoked** %s by %s; %s", strings.Join(ended, ", "), desk.Who(e.By), grantsLeft(left)))
		s.refreshHeader()
	case foreign > 0:
		s.notice("⛔ " + desk.Who(e.By) + " may only revoke their own grants")
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

// dropGrantsOf ends what somebody granted who has lost their part in the
// session, and says so.
func (s *Session) dropGrantsOf(id pipeline.UserID) {
	s.mu.Lock()
	gone := s.desk.EndGrants(func(g desk.Grant) bool { return g.By == id })
	left := len(s.desk.Grants())
	s.mu.Unlock()
	if len(gone) == 0 {
		return
	}
	s.log.Info("grants ended with who gave them", "user", id, "grants", gone)
	s.notice("🔒 What " + markdown.Name(s.name(id)) + " granted has ended; " + grantsLeft(left))
	s.refreshHeader()
}

// holding are the grants that lift something now: those of people who may still
// approve. Somebody who cannot be looked up grants nothing.
func (s *Session) holding(ctx context.Context) []string {
	grants := s.grants()
	may := pipeline.Terms{Approvers: s.approval().Approvers}
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

// endGrantsLocked ends all grants, because the session pauses, and says how.
func (s *Session) endGrantsLocked() string {
	if len(s.desk.EndGrants(desk.AllGrants)) == 0 {
		return ""
	}
	return "\n\n🔒 What ✅ granted in this session has ended; people are asked again."
}
