package worktree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Place is where a directory stands in git.
type Place struct {
	Top    string // the worktree's top; "" where there is no repository
	Branch string // what is checked out; "" where HEAD is detached or there is no repository
	Linked bool   // a worktree beside its repository, not the repository itself
	From   string // the repository of a linked one, "" where it is bare
}

// headMost bounds what is read of git's own little files.
const headMost = 4 << 10

// Look says where a directory stands in git, by reading git's files; it runs
// nothing and takes microseconds. An error means that nobody knows.
func Look(dir string) (Place, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Place{}, fmt.Errorf("looking for the repository of %s: %w", dir, err)
	}
	for ; ; real = filepath.Dir(real) {
		info, err := os.Lstat(filepath.Join(real, ".git"))
		switch {
		case errors.Is(err, fs.ErrNotExist) && real == filepath.Dir(real):
			return Place{}, nil
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return Place{}, fmt.Errorf("looking for the repository of %s: %w", dir, err)
		}
		return at(real, info)
	}
}

// at reads what is checked out at a worktree's top.
func at(top string, info fs.FileInfo) (Place, error) {
	p, gitDir := Place{Top: top}, filepath.Join(top, ".git")
	if !info.IsDir() {
		text, err := small(gitDir)
		if err != nil {
			return Place{}, err
		}
		target, ok := strings.CutPrefix(text, "gitdir: ")
		if !ok {
			return Place{}, fmt.Errorf("%s does not say where the repository is", gitDir)
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(top, target)
		}
		gitDir, p.Linked = target, filepath.Base(filepath.Dir(target)) == "worktrees"
		if common := filepath.Dir(filepath.Dir(target)); p.Linked && filepath.Base(common) == ".git" {
			p.From = filepath.Dir(common)
		}
	}
	head, err := small(filepath.Join(gitDir, "HEAD"))
	if err != nil {
		return Place{}, err
	}
	ref, isRef := strings.CutPrefix(head, "ref: ")
	branch, isBranch := strings.CutPrefix(strings.TrimSpace(ref), "refs/heads/")
	switch {
	case !isRef && detached(head):
		return p, nil
	case !isRef, isBranch && branch == ".invalid": // a format whose HEAD stands elsewhere
		return Place{}, fmt.Errorf("%s: what is checked out is not known", gitDir)
	case isBranch:
		p.Branch = branch
	}
	return p, nil
}

// detached reports a HEAD that is a commit.
func detached(head string) bool {
	return (len(head) == 40 || len(head) == 64) && strings.Trim(head, "0123456789abcdef") == ""
}

// small reads one line of a regular file.
func small(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0) // a pipe in its place must not hold us
	if err != nil {
		return "", fmt.Errorf("reading git's files: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Size() > headMost) {
		err = fmt.Errorf("%s is not what git writes", path)
	}
	if err != nil {
		return "", fmt.Errorf("reading git's files: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(f, headMost))
	if err != nil {
		return "", fmt.Errorf("reading git's files: %w", err)
	}
	return strings.TrimRight(string(raw), "\n"), nil
}
