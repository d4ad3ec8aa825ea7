package facts

import (
	"ctpipe/internal/shell"
	"strings"
)

// A git command that only looks still runs what the repository's configuration
// and attributes name: a file system monitor, an external diff, a text
// converter, a filter, a hook after the index is refreshed. git's own files are
// read rather than git being asked: starting it is what must be judged.

// gitReads reports whether a git command of class read may stay so.
func (l *look) gitReads(use shell.GitUse) bool {
	own, found := l.repos.find(l.world, l.ev.Session.Dir)
	for _, dir := range use.Dirs {
		r, ok := l.repos.find(l.world, dir)
		if !ok {
			if found {
				return false // it starts outside the session's own repository
			}
			continue // no repository at all: git has nothing to read
		}
		if !found || r != own {
			return false
		}
	}
	if !found {
		return len(use.Dirs) > 0
	}
	if l.repos.facts(own).why != "" {
		return false
	}
	if use.Content == "tracked" && len(use.Files) == 0 {
		return !l.repos.tracked(own).secret
	}
	return l.plainFiles(use, own)
}

// plainFiles reports that each pathspec is one regular file: a directory or a
// pattern may hold a credential file.
func (l *look) plainFiles(use shell.GitUse, own repo) bool {
	if use.Content == "" {
		return true
	}
	for _, f := range use.Files {
		if strings.ContainsAny(f, "*?[:") || shell.SecretName(f) {
			return false
		}
		for _, dir := range use.Dirs {
			real, err := resolve(l.world, dir, f)
			if err != nil {
				return false
			}
			stat, err := l.world.Lstat(real)
			if use.Content == "history" && (err != nil || !stat.Mode.IsRegular()) {
				return false
			}
			if err == nil && stat.IsDir() && l.repos.tracked(own).secret {
				return false
			}
		}
	}
	return true
}
