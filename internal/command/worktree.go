package command

import (
	"context"
	"strings"
)

var worktreeCommand = Command{
	Name:     "worktree",
	Usage:    "!worktree <branch>|list|switch|remove|off",
	Needs:    1,
	Takes:    3,
	Help:     "go on in a worktree of a branch's own; list, change and remove worktrees",
	Anywhere: true, // the list; the others say that they need a session
	Do:       worktrees,
	Leads:    worktreeLeads,
	Start: &Start{
		Usage: "!worktree <branch>",
		Not:   []string{"list", "switch", "remove", "off", "on", "skip", "cleanup"},
		Do:    startWorktree,
	},
}

const worktreeUsage = "Usage: `!worktree <branch>`, `!worktree list`, `!worktree switch <branch>`, `!worktree remove <branch>` or `!worktree off`"

// worktrees makes, lists, changes and removes worktrees. git may take long, and
// what people write meanwhile waits its turn: it is meant for the directory that
// comes of this.
func worktrees(ctx context.Context, c Call) {
	word, rest, _ := strings.Cut(strings.TrimSpace(c.Text), " ")
	rest = strings.TrimSpace(rest)
	if c.Session == nil && (!strings.EqualFold(word, "list") || rest != "") {
		c.say(NoSession)
		return
	}
	switch strings.ToLower(word) {
	case "list":
		c.listWorktrees(ctx)
	case "switch":
		c.ofBranch(ctx, "switch", rest, c.switchWorktree)
	case "remove":
		c.ofBranch(ctx, "remove", rest, c.removeWorktree)
	case "off":
		c.Session.SkipWorktreePrompts("✅ Worktree prompts disabled for this session")
	case "":
		c.say(worktreeUsage)
	default:
		if rest != "" {
			c.say(worktreeUsage)
			return
		}
		c.makeWorktree(ctx, word)
	}
}

// ofBranch does something with the worktree of a branch, if one is named.
func (c Call) ofBranch(ctx context.Context, word, branch string, do func(context.Context, string)) {
	if branch == "" {
		c.say("❌ Usage: `!worktree " + word + " <branch>`")
		return
	}
	do(ctx, branch)
}

func startWorktree(_ context.Context, s Starting) error {
	s.Start.Branch = s.Arg
	return ValidBranch(s.Arg)
}
