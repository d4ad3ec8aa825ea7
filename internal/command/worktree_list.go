package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/home"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

// workDir is where the session works, or where one would begin.
func (c Call) workDir() string {
	if c.Session == nil {
		return c.Host.Places().Dir
	}
	return c.Session.Dir()
}

// repository is the repository of workDir with its worktrees; what is wrong is
// said.
func (c Call) repository(ctx context.Context) (r worktree.Repo, trees []worktree.Tree, ok bool) {
	dir := c.workDir()
	r, err := worktree.Open(ctx, dir)
	if err == nil {
		trees, err = r.List(ctx)
	}
	switch {
	case errors.Is(err, worktree.ErrNoRepo):
		c.say("❌ Current directory is not a git repository")
	case err != nil:
		c.Log.Warn("git does not answer", "dir", dir, "err", err)
		c.say("❌ " + markdown.Plain(paginate.Cut(err.Error(), 500)))
	}
	return r, trees, err == nil
}

// listWorktrees says which worktrees the repository has.
func (c Call) listWorktrees(ctx context.Context) {
	r, trees, ok := c.repository(ctx)
	switch {
	case !ok:
	case len(trees) == 0:
		c.say("📋 No worktrees found for this repository")
	default:
		c.say(worktreeList(r, trees))
	}
}

func worktreeList(r worktree.Repo, trees []worktree.Tree) string {
	var b strings.Builder
	fmt.Fprintf(&b, "📋 **Worktrees for** %s:", markdown.CodeSpan(shortPath(r.Root)))
	for _, t := range trees {
		name := t.Branch
		if name == "" {
			name = "detached at " + t.Head[:min(8, len(t.Head))]
		}
		fmt.Fprintf(&b, "\n• %s → %s", markdown.CodeSpan(name), markdown.CodeSpan(shortPath(t.Path)))
		if t.Main {
			b.WriteString(" (main repository)")
		}
		if t.Prunable {
			b.WriteString(" (its directory is gone)")
		}
		if t.Path == r.Here {
			b.WriteString(" ← current")
		}
	}
	return b.String()
}

// worktreeNamed looks for the worktree that somebody names; where there is none
// it says so.
func (c Call) worktreeNamed(trees []worktree.Tree, name string) (worktree.Tree, bool) {
	t, ok := worktree.Find(trees, home.Expand(name))
	if !ok {
		c.say("❌ Worktree not found: " + markdown.CodeSpan(paginate.Cut(name, 100)) + ". Use `!worktree list` to see available worktrees.")
	}
	return t, ok
}
