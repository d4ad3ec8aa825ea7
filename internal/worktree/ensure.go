package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// suffixMost is how many other paths are tried where one is taken.
const suffixMost = 50

// folder is where the repository's worktrees stand: beside it, not inside.
func (r Repo) folder() string {
	return filepath.Join(filepath.Dir(r.Root), filepath.Base(r.Root)+"-worktrees")
}

// Ensure gives the worktree of a branch: the one that has it checked out, or a
// new one at <repo>-worktrees/<branch>. A branch that is neither here nor on
// origin begins at the commit that is checked out in r.Here. Made says that
// the worktree is new.
func (r Repo) Ensure(ctx context.Context, branch string) (tree Tree, made bool, err error) {
	if err := ValidBranch(branch); err != nil {
		return Tree{}, false, err
	}
	trees, err := r.List(ctx)
	if err != nil {
		return Tree{}, false, err
	}
	if t, ok := Find(trees, branch); ok && !t.Prunable {
		return t, false, nil
	}
	if err := r.nested(ctx, branch); err != nil {
		return Tree{}, false, err
	}
	path, err := r.freePath(branch)
	if err != nil {
		return Tree{}, false, err
	}
	if err := r.add(ctx, branch, path); err != nil {
		return Tree{}, false, fmt.Errorf("making a worktree for %q: %w", branch, err)
	}
	return Tree{Path: path, Branch: branch}, true, nil
}

// Beneath is the directory of a worktree that matches dir in the one that it
// stands in: t.Path itself where t has no such directory, or reaches it by a
// link, which could lead out of the worktree.
func (r Repo) Beneath(t Tree, dir string) string {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return t.Path
	}
	rel, err := filepath.Rel(r.Here, real)
	if err != nil || !filepath.IsLocal(rel) {
		return t.Path
	}
	at := filepath.Join(t.Path, rel)
	found, err := filepath.EvalSymlinks(at)
	if err != nil || found != at && rel != "." {
		return t.Path
	}
	if info, err := os.Stat(at); err != nil || !info.IsDir() {
		return t.Path
	}
	return at
}

// add runs git worktree add for a branch that exists, one that origin has, or
// a new one.
func (r Repo) add(ctx context.Context, branch, path string) error {
	args := []string{"worktree", "add"}
	switch {
	case r.has(ctx, "refs/heads/"+branch):
		args = append(args, "--", path, branch)
	case r.has(ctx, "refs/remotes/origin/"+branch):
		args = append(args, "--track", "-b", branch, "--", path, "refs/remotes/origin/"+branch)
	default:
		args = append(args, "--no-track", "-b", branch, "--", path, "HEAD")
	}
	_, err := git(ctx, r.Here, args...)
	return err
}

func (r Repo) has(ctx context.Context, ref string) bool {
	_, err := git(ctx, r.Here, "show-ref", "--verify", "--quiet", "--", ref)
	return err == nil
}

// nested explains what git would refuse without saying why: a branch and a
// folder of branches cannot have one name.
func (r Repo) nested(ctx context.Context, branch string) error {
	for i, c := range branch {
		if c == '/' && r.has(ctx, "refs/heads/"+branch[:i]) {
			return fmt.Errorf("the branch %q exists, so there can be no %q below it; choose another name", branch[:i], branch)
		}
	}
	out, err := git(ctx, r.Here, "for-each-ref", "--count=1", "--format=%(refname:short)", "refs/heads/"+branch+"/")
	if err == nil && len(out) > 0 {
		return fmt.Errorf("there are branches below %q (%s), so it cannot be one itself; choose another name", branch, strings.TrimSpace(string(out)))
	}
	return nil
}

// freePath finds a path for a new worktree. Every folder on the way is a real
// directory of ours: where somebody committed or put a link, nothing is written
// through it.
func (r Repo) freePath(branch string) (string, error) {
	folder := r.folder()
	parts := strings.Split(branch, "/")
	dir := folder
	if err := ownDir(dir); err != nil {
		return "", err
	}
	for _, part := range parts[:len(parts)-1] {
		dir = filepath.Join(dir, part)
		if err := ownDir(dir); err != nil {
			return "", err
		}
	}
	last := filepath.Join(dir, parts[len(parts)-1])
	for n := 1; n <= suffixMost; n++ {
		path := last
		if n > 1 {
			path = fmt.Sprintf("%s-%d", last, n)
		}
		if !exists(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s and %d paths like it are taken", last, suffixMost-1)
}

// ownDir makes a directory that only we may enter, or takes one that is there
// and no link.
func ownDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the folder of a worktree: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("looking at the folder of a worktree: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory, so no worktree is put below it", path)
	}
	return nil
}
