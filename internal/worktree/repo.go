package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoRepo: the directory is in no git repository.
var ErrNoRepo = errors.New("not a git repository")

// Repo is a git repository that a directory belongs to.
type Repo struct {
	Root string // the main worktree's top, with links resolved
	Here string // the top of the worktree that the directory is in
}

// Tree is one worktree of a repository.
type Tree struct {
	Path     string
	Branch   string // "" where none is checked out
	Head     string // commit
	Main     bool   // the repository itself
	Locked   bool
	Prunable bool // its directory is gone
}

// Open finds the repository of a directory. The error is ErrNoRepo where there
// is none; a bare repository is none.
func Open(ctx context.Context, dir string) (Repo, error) {
	out, err := git(ctx, dir, "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir")
	if err != nil {
		var said *GitError
		if errors.As(err, &said) && said.Code == 128 && strings.Contains(said.Text, "not a git repository") {
			return Repo{}, ErrNoRepo
		}
		return Repo{}, fmt.Errorf("looking for the repository of %s: %w", dir, err)
	}
	here, _, ok := strings.Cut(strings.TrimRight(string(out), "\n"), "\n")
	if !ok || !filepath.IsAbs(here) {
		return Repo{}, ErrNoRepo
	}
	r := Repo{Here: here, Root: here}
	trees, err := r.List(ctx)
	if err != nil {
		return Repo{}, err
	}
	if len(trees) > 0 {
		r.Root = trees[0].Path
	}
	return r, nil
}

// List is every worktree of the repository, the main one first.
func (r Repo) List(ctx context.Context) ([]Tree, error) {
	out, err := git(ctx, r.Here, "worktree", "list", "--porcelain", "-z")
	if err != nil {
		return nil, fmt.Errorf("listing worktrees of %s: %w", r.Here, err)
	}
	trees := parseTrees(string(out))
	if len(trees) > 0 {
		trees[0].Main = true
	}
	return trees, nil
}

// parseTrees reads `git worktree list --porcelain -z`: fields end with a NUL,
// trees with an empty field.
func parseTrees(out string) []Tree {
	var trees []Tree
	var t Tree
	for field := range strings.SplitSeq(out, "\x00") {
		key, value, _ := strings.Cut(field, " ")
		switch key {
		case "worktree":
			t.Path = value
		case "HEAD":
			t.Head = value
		case "branch":
			t.Branch = strings.TrimPrefix(value, "refs/heads/")
		case "locked":
			t.Locked = true
		case "prunable":
			t.Prunable = true
		case "":
			if t.Path != "" {
				trees = append(trees, t)
			}
			t = Tree{}
		}
	}
	return trees
}

// Dirty reports work in a worktree that no commit holds: staged, changed or
// new files.
func Dirty(ctx context.Context, dir string) (bool, error) {
	out, err := git(ctx, dir, "status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none")
	if err != nil {
		return false, fmt.Errorf("looking for uncommitted work in %s: %w", dir, err)
	}
	return len(out) > 0, nil
}

// Find returns the worktree that somebody means: by its branch, or by its
// whole path.
func Find(trees []Tree, name string) (Tree, bool) {
	for _, t := range trees {
		if t.Branch == name && name != "" {
			return t, true
		}
	}
	for _, t := range trees {
		if filepath.IsAbs(name) && t.Path == filepath.Clean(name) {
			return t, true
		}
	}
	return Tree{}, false
}

// exists reports that something has a path, be it a broken link.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
