package command

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/home"
)

// absolute is a path that somebody wrote, seen from a directory.
func absolute(from, path string) string {
	path = home.Expand(strings.TrimSpace(path))
	if !filepath.IsAbs(path) {
		path = filepath.Join(from, path)
	}
	return path
}

// shortPath is a path as people read it.
func shortPath(path string) string { return display.Options{Home: home.Dir()}.Path(path) }

// resolved is where a path really leads. Of one that does not exist it is where
// it would be, judged by what does exist of it; so is one of which an error says
// that it leads nowhere.
func resolved(path string) (real string, missing bool, err error) {
	path = filepath.Clean(path)
	rest := ""
	for {
		real, odd := filepath.EvalSymlinks(path)
		switch {
		case odd == nil:
			return filepath.Join(real, rest), rest != "", err
		case path == filepath.Dir(path):
			return "", false, odd
		case err == nil && !errors.Is(odd, fs.ErrNotExist):
			err = odd
		}
		rest = filepath.Join(filepath.Base(path), rest)
		path = filepath.Dir(path)
	}
}

// inside reports a path that is one of the roots or lies below one.
func inside(path string, roots []string) bool {
	for _, root := range roots {
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}
