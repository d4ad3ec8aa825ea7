package facts

import (
	"path/filepath"
	"strings"
)

// repo is where a repository's files are.
type repo struct {
	tree   string // the work tree's root
	gitDir string
	common string // shared by all work trees: config, hooks, info
}

// find looks for a repository as git does: upwards, .git as a directory or a
// file, or a bare repository.
func (rs *repos) find(w World, dir string) (repo, bool) {
	real, err := resolve(w, "/", dir)
	if err != nil || dir == "" {
		return repo{}, false
	}
	for {
		if stat, err := w.Lstat(real + "/.git"); err == nil {
			if stat.IsDir() {
				return repo{tree: real, gitDir: real + "/.git", common: real + "/.git"}, true
			}
			return rs.linked(real)
		}
		if bare(w, real) {
			return repo{tree: real, gitDir: real, common: real}, true
		}
		if real == "/" {
			return repo{}, false
		}
		real = filepath.Dir(real)
	}
}

func bare(w World, dir string) bool {
	for _, name := range []string{"/HEAD", "/objects", "/refs"} {
		if _, err := w.Lstat(dir + name); err != nil {
			return false
		}
	}
	return true
}

// linked follows a .git file to its directory, and that to the common one. A
// file that cannot be followed counts as a repository of its own.
func (rs *repos) linked(tree string) (repo, bool) {
	r := repo{tree: tree, gitDir: tree + "/.git", common: tree + "/.git"}
	text, err := rs.world.ReadFile(tree+"/.git", 4096)
	target, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
	if err != nil || !ok {
		return r, true
	}
	if r.gitDir, err = resolve(rs.world, tree, target); err != nil {
		return r, true
	}
	r.common = r.gitDir
	if text, err := rs.world.ReadFile(r.gitDir+"/commondir", 4096); err == nil {
		if common, err := resolve(rs.world, r.gitDir, strings.TrimSpace(string(text))); err == nil {
			r.common = common
		}
	}
	return r, true
}
