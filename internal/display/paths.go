package display

import (
	"path/filepath"
	"strings"
)

// Path shortens a path as the thread knows it: the worktree becomes [branch],
// the home directory ~, both by whole elements. A path that is not in its
// shortest form (a/../b) stays as it is, since its prefix says nothing about
// where it leads. The result is raw text.
func (o Options) Path(path string) string {
	if path == "" || filepath.Clean(path) != path {
		return path
	}
	if o.Tree != "" && o.Branch != "" {
		if rest, ok := beneath(path, o.Tree); ok {
			return "[" + o.Branch + "]" + rest
		}
	}
	if rest, ok := beneath(path, o.Home); ok {
		return "~" + rest
	}
	return path
}

// beneath returns what follows dir in path, with its slash.
func beneath(path, dir string) (rest string, ok bool) {
	dir = strings.TrimRight(dir, "/")
	if dir == "" {
		return "", false
	}
	rest, ok = strings.CutPrefix(path, dir)
	return rest, ok && (rest == "" || rest[0] == '/')
}

func (o Options) path(path string) string { return code(o.Path(path), pathRunes) }
