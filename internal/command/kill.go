package command

import (
	"context"

	"ctpipe/internal/display"
)

var killCommand = Command{
	Name:     "kill",
	Usage:    "!kill",
	Help:     "end all sessions and ctpipe itself",
	Anywhere: true,
	Alone:    true,
	Ends:     true,
	Do:       kill,
}

// kill ends every session of every platform, and the program. What it ends does
// not resume.
func kill(ctx context.Context, c Call) {
	c.Log.Warn("emergency shutdown", "user", c.By.ID)
	c.Host.EndAll(ctx, func(sessions int) string {
		return "🔴 **EMERGENCY SHUTDOWN** by " + c.by() + "\n" + display.Counted(sessions, "session") + " ended; ctpipe stops. Nothing resumes."
	})
	c.Host.Quit()
}
