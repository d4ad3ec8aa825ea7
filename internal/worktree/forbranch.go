package worktree

import (
	"context"
	"fmt"
	"time"
)

// branchWait is how long git may take to make a worktree.
const branchWait = 2 * time.Minute

// ForBranch is the worktree of a branch of the repository that dir is in, and the
// directory in it that matches dir; made says that it is new. Show is how a path
// stands in an error. It is the one place that decides where a session works on a
// branch: an error means that nothing is to start, least of all in the repository
// itself.
func ForBranch(ctx context.Context, dir, branch string, show func(string) string) (tree Tree, at string, made bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, branchWait)
	defer cancel()
	repo, err := Open(ctx, dir)
	if err != nil {
		return tree, "", false, fmt.Errorf("opening the repository of %s: %w", show(dir), err)
	}
	if tree, made, err = repo.Ensure(ctx, branch); err != nil {
		return tree, "", false, err
	}
	return tree, repo.Beneath(tree, dir), made, nil
}
