package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
)

var grantsCommand = Command{
	Name:  "grants",
	Usage: "!grants",
	Help:  "what ✅ allowed for this session",
	Do: func(_ context.Context, c Call) {
		c.say(grantList(c.Session.Grants(), c.Host.Now()))
	},
}

// grantList says what runs unasked in a session because somebody said ✅, and
// what that covers.
func grantList(grants []Grant, now time.Time) string {
	if len(grants) == 0 {
		return "🔓 **Grants:** none. ✅ on a card that no rule asked for makes one."
	}
	var b strings.Builder
	b.WriteString("🔓 **Grants** in this session\n")
	for _, g := range grants {
		fmt.Fprintf(&b, "\n- `%s` by %s since %s (%s ago)", g.ID, markdown.Name(g.Name), g.Since.UTC().Format("15:04 UTC"), display.Spoken(now.Sub(g.Since)))
	}
	b.WriteString("\n\nA grant lets calls run that no rule, hook or built-in lock asks for, if everybody whose messages led to the call could have allowed it. " +
		"It ends with `!revoke`, `!permissions interactive`, when who gave it is kicked, leaves or may not approve any more, and when the session stops or pauses or ctpipe restarts.")
	return b.String()
}
