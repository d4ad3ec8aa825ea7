package facts

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ctpipe/internal/shell"
)

const maxSearched = 20000 // entries looked at below one directory

// searchRange looks for credential files below a directory that is read as a
// whole. One that is found, or too much to look through, costs class read; a
// search by the tool itself becomes opaque.
func (l *look) searchRange(sp shell.Path, real, filter string) {
	why := ""
	if l.ev.Session.Busy {
		why = "another call may change what is searched"
	} else {
		why = secretsBelow(l.world, real, l.root, sp.NoHidden, filter)
	}
	if why == "" {
		return
	}
	l.lower(sp.Cmd)
	if sp.Cmd < 0 && !l.ev.Tool.Opaque {
		l.ev.Tool.Opaque, l.ev.Tool.Why = true, why
	}
}

// secretsBelow says why a search below a directory is no plain reading: a
// credential file is in range, a link leads out of the tree, or there is too
// much to look through. "" if it is.
func secretsBelow(w World, dir, root string, noHidden bool, filter string) string {
	info, err := w.Lstat(dir)
	if err != nil || !info.IsDir() {
		return "" // nothing there, or one file, which is judged by its own name
	}
	s := &searched{world: w, root: root, noHidden: noHidden, filter: filter}
	return s.walk(dir, 0)
}

type searched struct {
	world    World
	root     string
	noHidden bool
	filter   string
	count    int
}

func (s *searched) walk(dir string, depth int) string {
	if depth > 64 {
		return "the directory tree is too deep to look through"
	}
	entries, err := s.world.ReadDir(dir, maxSearched)
	if err != nil {
		return ""
	}
	if s.count += len(entries); s.count > maxSearched {
		return fmt.Sprintf("more than %d files are in the range of the search", maxSearched)
	}
	for _, e := range entries {
		name := e.Name()
		if s.noHidden && strings.HasPrefix(name, ".") {
			continue
		}
		if why := s.entry(dir+"/"+name, e, depth); why != "" {
			return why
		}
	}
	return ""
}

func (s *searched) entry(full string, e fs.DirEntry, depth int) string {
	if e.IsDir() {
		if e.Name() == "objects" && path.Base(path.Dir(full)) == ".git" {
			return "" // compressed: no search finds anything in it
		}
		return s.walk(full, depth+1)
	}
	if !s.shown(e.Name()) {
		return ""
	}
	if e.Type()&fs.ModeSymlink != 0 {
		real, err := resolve(s.world, "/", full)
		if err != nil {
			return ""
		}
		if _, inside := inTree(s.root, real); !inside {
			return "a link leads out of the tree: " + full
		}
		full = real
	}
	if shell.SecretName(full) {
		return "a credential file is in the range of the search: " + full
	}
	return ""
}

// shown reports whether the search's own filter lets a name through; a filter
// that is not a simple one lets everything through.
func (s *searched) shown(name string) bool {
	if s.filter == "" || strings.ContainsAny(s.filter, "{}!\\/[") || strings.Contains(s.filter, "**") {
		return true
	}
	ok, err := path.Match(s.filter, name)
	return ok || err != nil
}
