package command

import "context"

var denyCommand = Command{
	Name:  "deny",
	Usage: "!deny [id] [reason]",
	Takes: anyText,
	Help:  "👎 in words; Claude reads the reason",
	Cards: true,
	Do:    deny,
}

// deny is 👎 on a card, and Claude reads the reason.
func deny(ctx context.Context, c Call) {
	b, card, reason := c.ballot(ctx, "deny", false)
	switch {
	case b == nil:
	case reason == "" && card.Question():
		b.Deny(ctx, "no reason given")
	default:
		b.Deny(ctx, reason)
	}
}
