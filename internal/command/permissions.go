package command

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/pipeline"
)

var permissionsCommand = Command{
	Name:    "permissions",
	Aliases: []string{"permission"},
	Usage:   "!permissions interactive",
	Needs:   1,
	Takes:   1,
	Help:    "ask people again before anything runs; ends what ✅ allowed",
	Do:      permissions,
	Start:   &Start{Usage: "!permissions interactive", Do: startPermissions},
}

// modeWords are the modes as people write them behind !permissions.
var modeWords = map[string]pipeline.Mode{
	"interactive": pipeline.ModeDefault,
	"default":     pipeline.ModeDefault,
	"auto":        pipeline.ModeAuto,
	"bypass":      pipeline.ModeBypass,
}

const permissionsUsage = "Usage: `!permissions interactive` (or `auto`, `bypass`, where a rule lets you raise the mode)"

// permissions changes what happens to calls that nothing votes on. Chat only
// lowers the mode; how far it may raise it is said by the command's rule. Going
// back to interactive ends the grants too.
func permissions(_ context.Context, c Call) {
	want, ok := modeWords[strings.ToLower(c.arg())]
	if !ok {
		c.say(permissionsUsage)
		return
	}
	change := c.Session.SetMode(want, c.Raise, modeNotice(want)+c.by())
	switch {
	case change.Refused:
		c.Log.Warn("raising the mode is refused", "user", c.By.ID, "mode", want)
		c.say(cannotRaise(want))
	case change.Same && want == pipeline.ModeDefault:
		c.say("ℹ️ Permissions are already interactive for this session")
	case change.Same:
		c.say(fmt.Sprintf("ℹ️ The permission mode is already %s for this session", want))
	default:
		c.Log.Info("permission mode changed", "user", c.By.ID, "from", change.From, "to", want)
	}
}

func startPermissions(_ context.Context, s Starting) error {
	want, ok := modeWords[strings.ToLower(s.Arg)]
	switch {
	case !ok:
		return UserError(permissionsUsage)
	case want.Rank() > s.Start.Mode.Rank() && want.Rank() > s.Raise.Rank():
		return UserError(cannotRaise(want))
	}
	s.Start.Mode = want
	return nil
}

func cannotRaise(want pipeline.Mode) string {
	return fmt.Sprintf("⚠️ Cannot upgrade to %s permissions - can only downgrade to interactive", want)
}

func modeNotice(m pipeline.Mode) string {
	switch m {
	case pipeline.ModeAuto:
		return "🔐 **Permission mode: Auto** – Claude's own auto mode decides what to ask, by "
	case pipeline.ModeBypass:
		return "⚡ **Permission mode: Bypass** – what no rule asks for runs unasked, by "
	}
	return "🔐 **Permission mode: Default** – interactive permissions enabled for this session by "
}
