package command

import (
	"context"
	"fmt"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

// makeWorktree makes the worktree of a branch and goes on in it.
func (c Call) makeWorktree(ctx context.Context, branch string) {
	r, trees, ok := c.repository(ctx)
	if !ok {
		return
	}
	if t, there := worktree.Find(trees, branch); there && !t.Prunable {
		c.say(fmt.Sprintf("⚠️ Worktree for branch %s already exists at %s. Use `!worktree switch %s` to switch to it.",
			markdown.CodeSpan(branch), markdown.CodeSpan(shortPath(t.Path)), markdown.Plain(branch)))
		return
	}
	t, _, err := r.Ensure(ctx, branch)
	if err != nil {
		c.say(noWorktree(branch, err))
		return
	}
	at := r.Beneath(t, c.workDir())
	c.Log.Info("worktree made", "user", c.By.ID, "branch", branch, "dir", at)
	c.Session.GoTo(at, "✅ **Created worktree** for branch "+markdown.CodeSpan(branch)+"\n📁 Working directory: "+markdown.CodeSpan(shortPath(at)),
		"*Claude Code restarted in the new worktree*")
}

// noWorktree says why there is no worktree.
func noWorktree(branch string, err error) string {
	if worktree.ValidBranch(branch) != nil {
		return NoBranchName(branch, ".")
	}
	return "❌ Failed to create worktree: " + markdown.Plain(paginate.Cut(err.Error(), 500))
}

// switchWorktree goes on in a worktree that is there: in the directory that was
// judged, if it is still the one and sessions may still work there.
func (c Call) switchWorktree(ctx context.Context, name string) {
	r, trees, ok := c.repository(ctx)
	if !ok {
		return
	}
	t, found := c.worktreeNamed(trees, name)
	p := c.places()
	switch {
	case !found:
	case t.Path == r.Here:
		c.say(alreadyThere(t.Path))
	case !p.confines(ctx, t.Path):
		c.say(outsideRoots(t.Path).Error())
	case t.Prunable:
		c.say("❌ The directory of this worktree is gone: " + markdown.CodeSpan(shortPath(t.Path)))
	case !p.mayWorkIn(t.Path):
		c.say(WorktreeRequired)
	default:
		at := r.Beneath(t, c.workDir())
		if at != c.Dir {
			c.say(leadsElsewhere(name).Error())
			return
		}
		c.Log.Info("worktree switched", "user", c.By.ID, "dir", at)
		c.changeDir(at)
	}
}
