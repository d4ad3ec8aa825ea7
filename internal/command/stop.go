package command

import "context"

var stopCommand = Command{
	Name:    "stop",
	Aliases: []string{"cancel"},
	Bare:    []string{"stop", "cancel"},
	Usage:   "!stop",
	Help:    "end the session (also `!cancel`, or just `stop`)",
	Ends:    true,
	Quiet:   true,
	Do: func(_ context.Context, c Call) {
		c.Session.End("🛑 **Session cancelled** by " + c.by())
	},
}
