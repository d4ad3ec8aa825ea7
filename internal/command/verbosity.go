package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/markdown"
)

var verbosityCommand = Command{
	Name:  "verbosity",
	Usage: "!verbosity [full|line|fold|file|hidden|default]",
	Takes: 1,
	Help:  "how much of Claude's tool calls the thread shows",
	Do:    verbosity,
	Start: &Start{Usage: startVerbosityUsage, Do: startVerbosity},
}

const startVerbosityUsage = "!verbosity full|line|fold|file|hidden"

// verbosities are what !verbosity takes; "default" is how it is where nobody
// asked for another.
var verbosities = []string{"full", "line", "fold", "file", "hidden", "default"}

// verbosity says or sets how much of Claude's tool calls the thread shows.
func verbosity(_ context.Context, c Call) {
	usage := "Usage: `!verbosity " + strings.Join(verbosities, "|") + "`"
	if len(c.Args) == 0 {
		c.say("🔉 The verbosity of this thread is " + markdown.CodeSpan(c.Session.Verbosity()) + ". " + usage)
		return
	}
	style := strings.ToLower(c.arg())
	if !slices.Contains(verbosities, style) {
		c.say(fmt.Sprintf("❌ There is no verbosity %s. %s", markdown.CodeSpan(style), usage))
		return
	}
	c.Session.SetVerbosity(style, "🔉 The verbosity of this thread is now "+markdown.CodeSpan(style)+", set by "+c.by()+"; a style that a rule gives stays as it is")
}

func startVerbosity(_ context.Context, s Starting) error {
	s.Start.Verbosity = strings.ToLower(s.Arg)
	if !slices.Contains(verbosities, s.Start.Verbosity) {
		return UserError("Usage: `" + startVerbosityUsage + "`")
	}
	return nil
}
