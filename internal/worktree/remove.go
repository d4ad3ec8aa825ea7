package worktree

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Unsafe says why a worktree is not removed: what would be lost.
type Unsafe struct {
	Tree Tree
	Why  []string
}

func (e *Unsafe) Error() string {
	return fmt.Sprintf("the worktree of %q is kept: %s", e.Tree.Branch, strings.Join(e.Why, "; "))
}

// Remove takes a worktree away; its branch stays. It refuses the repository
// itself, a worktree that one of the directories in use lies in, and, unless
// force is set, one that holds work which nothing else holds: changes that are
// not committed, commits that no other ref has. Where a session or work stands in
// the way, the error is an *Unsafe.
func (r Repo) Remove(ctx context.Context, t Tree, inUse []string, force bool) error {
	switch {
	case t.Main:
		return fmt.Errorf("the main repository is no worktree that can be removed")
	case t.Locked:
		return fmt.Errorf("the worktree %s is locked; unlock it with git first", t.Path)
	}
	if info, err := os.Lstat(t.Path); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is no directory; it is not removed", t.Path)
	}
	for _, dir := range inUse {
		if within(dir, t.Path) {
			return &Unsafe{Tree: t, Why: []string{"a session works in it"}}
		}
	}
	if !force {
		if why, err := r.lost(ctx, t); err != nil || len(why) > 0 {
			if err != nil {
				return err
			}
			return &Unsafe{Tree: t, Why: why}
		}
	}
	args := []string{"worktree", "remove"}
	if force {
		args = append(args, "--force")
	}
	if _, err := git(ctx, r.Root, append(args, "--", t.Path)...); err != nil {
		return fmt.Errorf("removing the worktree %s: %w", t.Path, err)
	}
	return nil
}

// lost says what would be lost with a worktree.
func (r Repo) lost(ctx context.Context, t Tree) ([]string, error) {
	if t.Prunable {
		return nil, nil // it is gone already
	}
	var why []string
	dirty, err := Dirty(ctx, t.Path)
	if err != nil {
		return nil, err
	}
	if dirty {
		why = append(why, "it has uncommitted work")
	}
	n, err := r.alone(ctx, t)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		why = append(why, fmt.Sprintf("%d of its commits are on no other branch and no remote", n))
	}
	return why, nil
}

// alone counts the commits of a worktree that no other branch and no remote
// has.
func (r Repo) alone(ctx context.Context, t Tree) (int, error) {
	args := []string{"rev-list", "--count", "HEAD", "--not"}
	if t.Branch != "" {
		args = append(args, "--exclude="+t.Branch)
	}
	out, err := git(ctx, t.Path, append(args, "--branches", "--remotes", "--tags", "--")...)
	if err != nil {
		return 0, fmt.Errorf("looking for commits that only %s has: %w", t.Path, err)
	}
	n := 0
	if _, err := fmt.Sscan(string(out), &n); err != nil {
		return 0, fmt.Errorf("looking for commits that only %s has: %w", t.Path, err)
	}
	return n, nil
}

// within reports that path is dir or below it, with links resolved.
func within(path, dir string) bool {
	real := func(p string) string {
		if r, err := filepath.EvalSymlinks(p); err == nil {
			return r
		}
		return filepath.Clean(p)
	}
	rel, err := filepath.Rel(real(dir), real(path))
	return err == nil && filepath.IsLocal(rel)
}
