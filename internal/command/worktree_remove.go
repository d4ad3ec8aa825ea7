package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

// removeWorktree removes a worktree that no session is in and that holds no work
// of its own; --force gives that work up.
func (c Call) removeWorktree(ctx context.Context, name string) {
	name, force := strings.CutSuffix(name, " --force")
	r, trees, ok := c.repository(ctx)
	if !ok {
		return
	}
	t, found := c.worktreeNamed(trees, strings.TrimSpace(name))
	switch {
	case !found:
	case t.Main:
		c.say("❌ Cannot remove the main repository. Use `!worktree remove` only for worktrees.")
	case t.Path == r.Here:
		c.say("❌ Cannot remove the current working directory. Switch to another worktree first.")
	default:
		c.remove(ctx, r, t, force)
	}
}

func (c Call) remove(ctx context.Context, r worktree.Repo, t worktree.Tree, force bool) {
	inUse, err := c.Host.SessionDirs(ctx)
	if err == nil {
		err = r.Remove(ctx, t, inUse, force)
	}
	var unsafe *worktree.Unsafe
	switch {
	case errors.As(err, &unsafe):
		c.say(fmt.Sprintf("⚠️ %s is kept: %s. `!worktree remove %s --force` gives up what only it holds, but never takes it from a session.",
			markdown.CodeSpan(t.Branch), markdown.Plain(strings.Join(unsafe.Why, "; ")), markdown.Plain(t.Branch)))
	case err != nil:
		c.say("❌ Failed to remove worktree: " + markdown.Plain(paginate.Cut(err.Error(), 500)))
	default:
		c.Log.Info("worktree removed", "user", c.By.ID, "branch", t.Branch, "dir", t.Path, "force", force)
		c.say("✅ Removed worktree " + markdown.CodeSpan(t.Branch) + " at " + markdown.CodeSpan(shortPath(t.Path)))
	}
}
