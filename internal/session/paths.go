package session

import (
	"ctpipe/internal/display"
	"ctpipe/internal/home"
	"ctpipe/internal/worktree"
)

// shownPaths is how a path is shown where nothing is known but the home directory.
func shownPaths() display.Options { return display.Options{Home: home.Dir()} }

// paths is how the session's paths are shown: beneath its worktree as
// [branch]/rest. The lock is held.
func (s headline) paths() display.Options {
	o := shownPaths()
	if s.about.Git.Linked {
		o.Tree, o.Branch = s.about.Git.Top, s.about.Git.Branch
	}
	return o
}

// lookAround finds out where the session's directory stands in git. Where that
// cannot be read, nothing is said of it.
func (s headline) lookAround() {
	dir := s.dir()
	at, err := worktree.Look(dir)
	if err != nil {
		s.log.Debug("what is checked out is not known", "dir", dir, "err", err)
	}
	s.Lock()
	defer s.Unlock()
	if s.about.Dir == dir {
		s.about.Git = at
	}
}

// orDetached names what is checked out in a worktree.
func orDetached(branch string) string {
	if branch == "" {
		return "detached"
	}
	return branch
}

// shortPath is a path as people read it.
func shortPath(path string) string { return shownPaths().Path(path) }
