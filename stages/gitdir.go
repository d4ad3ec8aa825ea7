package stages

import (
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ctpipe/internal/shell"
)

// A git command that only looks still runs what the repository's configuration
// and attributes name: a file system monitor, an external diff, a text
// converter, a filter, a hook after the index is refreshed. git's own files are
// read rather than git being asked: starting it is what must be judged.

// repos remembers, per repository, whether reading it can run something, for
// as long as the files that say so are the same: inode, size and the time of
// change, which no program can set. Where a link, an included file or another
// directory of hooks has a say, it remembers nothing.
type repos struct {
	world World
	home  string
	mu    sync.Mutex
	seen  map[repo]repoFacts
	index map[string]stampedIndex
}

type stampedIndex struct {
	stamp FileStat
	facts indexFacts
}

type repoFacts struct {
	watched []string // the files whose change makes it be read again
	stamps  []FileStat
	why     string // what could run; "" nothing
}

const (
	maxRepos = 64
	// racy is how old a change must be before what was read is remembered: a
	// second one within the same tick of the file system's clock cannot be seen.
	racy = 2 * time.Second
)

func newRepos(w World, home string) *repos {
	return &repos{world: w, home: home, seen: map[repo]repoFacts{}, index: map[string]stampedIndex{}}
}

// repo is where a repository's files are.
type repo struct {
	tree   string // the work tree's root
	gitDir string
	common string // shared by all work trees: config, hooks, info
}

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

// facts reads a repository's configuration, unless nothing changed since.
func (rs *repos) facts(r repo) repoFacts {
	rs.mu.Lock()
	known, ok := rs.seen[r]
	rs.mu.Unlock()
	if ok && rs.unchanged(known) {
		return known
	}
	f := repoFacts{watched: rs.watched(r)}
	fixed := true
	for _, name := range f.watched {
		stamp := rs.stamp(name)
		f.stamps = append(f.stamps, stamp)
		fixed = fixed && atRest(stamp)
	}
	read := configRead{repos: rs}
	if f.why = read.runs(r); !fixed || read.beyond {
		return f
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.seen) >= maxRepos {
		clear(rs.seen)
	}
	rs.seen[r] = f
	return f
}

// atRest reports a file of which a later change will be seen.
func atRest(stamp FileStat) bool {
	return stamp.Mode&fs.ModeSymlink == 0 && time.Now().UnixNano()-stamp.Changed > int64(racy)
}

// tracked looks through a repository's index, unless it is the one that was
// looked through last.
func (rs *repos) tracked(r repo) indexFacts {
	name := r.gitDir + "/index"
	stamp := rs.stamp(name)
	rs.mu.Lock()
	known, ok := rs.index[name]
	rs.mu.Unlock()
	if ok && known.stamp == stamp {
		return known.facts
	}
	known = stampedIndex{stamp, readIndex(rs.world, name)}
	if !atRest(stamp) {
		return known.facts
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.index) >= maxRepos {
		clear(rs.index)
	}
	rs.index[name] = known
	return known.facts
}

func (rs *repos) unchanged(f repoFacts) bool {
	for i, name := range f.watched {
		if rs.stamp(name) != f.stamps[i] {
			return false
		}
	}
	return true
}

// watched are the files whose change makes a repository be read again.
func (rs *repos) watched(r repo) []string {
	return []string{r.common + "/config", r.gitDir + "/config.worktree", r.common + "/hooks", r.common + "/hooks/post-index-change",
		r.common + "/info/attributes", r.tree + "/.gitattributes", r.tree + "/.gitmodules",
		rs.home + "/.gitconfig", rs.home + "/.config/git/config", "/etc/gitconfig"}
}

// stamp is what a file looks like from outside; one that is not
// there has a size that no file has.
func (rs *repos) stamp(name string) FileStat {
	stat, err := rs.world.Lstat(name)
	if err != nil {
		return FileStat{Size: -1}
	}
	return stat
}
