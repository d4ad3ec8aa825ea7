package facts

import (
	"io/fs"
	"sync"
	"time"

	"ctpipe/internal/memory"
)

// repos remembers, per repository, whether reading it can run something, for
// as long as the files that say so are the same: inode, size and the time of
// change, which no program can set. Where a link, an included file or another
// directory of hooks has a say, it remembers nothing.
type repos struct {
	world World
	home  string
	mu    sync.Mutex
	seen  *memory.Recent[repo, repoFacts]
	index *memory.Recent[string, stampedIndex]
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
	return &repos{world: w, home: home,
		seen:  memory.NewRecent[repo, repoFacts](maxRepos),
		index: memory.NewRecent[string, stampedIndex](maxRepos)}
}

// facts reads a repository's configuration, unless nothing changed since.
func (rs *repos) facts(r repo) repoFacts {
	rs.mu.Lock()
	known, ok := rs.seen.Use(r)
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
	rs.seen.Put(r, f)
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
	known, ok := rs.index.Use(name)
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
	rs.index.Put(name, known)
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
