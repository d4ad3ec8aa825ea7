package command

import (
	"context"
	"strings"
)

var whyCommand = Command{
	Name:     "why",
	Usage:    "!why [id|last]",
	Takes:    1,
	Help:     "why something was allowed, asked or refused; ❓ on a card or a tool line asks the same",
	Anywhere: true,
	Do:       why,
}

// why explains the verdict with an id, or the thread's last one.
func why(ctx context.Context, c Call) {
	event := c.arg()
	if strings.EqualFold(event, "last") {
		event = ""
	}
	c.Host.Explain(ctx, event)
}
