package command

import "context"

var escapeCommand = Command{
	Name:    "escape",
	Aliases: []string{"interrupt"},
	Usage:   "!escape",
	Help:    "interrupt what Claude does; the session stays (also `!interrupt`)",
	Ends:    true,
	Do: func(_ context.Context, c Call) {
		if !c.Session.Interrupt("⏸️ **Interrupted** by " + c.by()) {
			c.say("ℹ️ Session is idle, nothing to interrupt")
		}
	},
}
