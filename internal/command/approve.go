package command

import (
	"context"
	"strings"
)

var approveCommand = Command{
	Name:  "approve",
	Usage: "!approve [id] [other command]",
	Takes: anyText,
	Help:  "👍 in words; or run this instead, which is judged again",
	Cards: true,
	Do:    approve,
}

// approve is 👍 on a card, in words, or a command that is to run in the place of
// Claude's.
func approve(ctx context.Context, c Call) {
	b, card, words := c.ballot(ctx, "approve", true)
	if b == nil {
		return
	}
	switch words = unquoted(words); {
	case card.Question():
		c.say("❓ " + card.ID() + " is a question: react on its card, or write your answer")
	case words == "":
		b.Approve(ctx)
	default:
		b.ApproveInstead(ctx, words)
	}
}

// unquoted takes the code marks off a command that somebody wrote as code.
func unquoted(words string) string {
	for _, mark := range []string{"```", "`"} {
		inner, begins := strings.CutPrefix(words, mark)
		inner, ends := strings.CutSuffix(inner, mark)
		if !begins || !ends || inner == "" || strings.Contains(inner, mark) {
			continue
		}
		if first, rest, many := strings.Cut(inner, "\n"); mark == "```" && many && !strings.ContainsAny(strings.TrimSpace(first), " \t") {
			inner = rest // the language of the fence
		}
		return strings.TrimSpace(inner)
	}
	return words
}
