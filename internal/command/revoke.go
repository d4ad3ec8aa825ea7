package command

import (
	"context"
	"fmt"
	"strings"
)

var revokeCommand = Command{
	Name:  "revoke",
	Usage: "!revoke [id|all]",
	Takes: 1,
	Help:  "end what ✅ allowed",
	Do:    revoke,
}

// revoke ends grants: one by its id, or all. Everybody may revoke their own;
// those of others are for the owner and for who is on the platform's list.
func revoke(_ context.Context, c Call) {
	grants := c.Session.Grants()
	want := strings.ToLower(c.arg())
	if want == "" && len(grants) == 1 {
		want = grants[0].ID
	}
	var ended []string
	foreign := false
	for _, g := range grants {
		switch {
		case g.ID != want && want != "all":
		case g.By == c.By.ID || c.By.Owner || c.By.Allowed:
			ended = append(ended, g.ID)
		default:
			foreign = true
		}
	}
	switch {
	case len(ended) > 0:
		c.Log.Info("grants revoked", "grants", ended, "user", c.By.ID)
		c.Session.Revoke(ended, fmt.Sprintf("🔒 **Revoked** %s by %s; %s", strings.Join(ended, ", "), c.by(), GrantsLeft(len(grants)-len(ended))))
	case foreign:
		c.say("⛔ " + c.by() + " may only revoke their own grants")
	case len(grants) == 0:
		c.say("ℹ️ There is no grant to revoke")
	default:
		c.say("Usage: `!revoke <id>` or `!revoke all`; `!grants` lists the ids")
	}
}

// GrantsLeft says how many grants are left where some have ended.
func GrantsLeft(n int) string {
	if n == 0 {
		return "people are asked again."
	}
	return fmt.Sprintf("%d left.", n)
}
