package facts

import (
	"path/filepath"
	"slices"
	"testing"

	"ctpipe/pipeline"
)

// The branch and the worktree of a session are those of its directory
// now; where git's files cannot be read, nobody knows, and nobody says "none".
func TestCheckedOut(t *testing.T) {
	for name, c := range map[string]struct {
		prepare          func(tree) (dir string)
		branch, worktree string
		unknown          bool
	}{
		"no directory":  {prepare: func(tree) string { return "" }},
		"no repository": {prepare: func(tr tree) string { return tr.dir }},
		"a branch":      {prepare: func(tr tree) string { tr.git("init", "-q", "-b", "work/x"); return tr.dir }, branch: "work/x"},
		"a folder in it": {prepare: func(tr tree) string {
			tr.git("init", "-q", "-b", "main")
			tr.write("sub/a", "")
			return filepath.Join(tr.dir, "sub")
		}, branch: "main"},
		"a detached head": {prepare: func(tr tree) string {
			tr.git("init", "-q")
			tr.git("commit", "-q", "--allow-empty", "-m", "x")
			tr.git("checkout", "-q", "--detach")
			return tr.dir
		}},
		"a worktree": {prepare: func(tr tree) string {
			tr.git("init", "-q", "-b", "main")
			tr.git("commit", "-q", "--allow-empty", "-m", "x")
			tr.git("worktree", "add", "-q", "-b", "side", filepath.Join(tr.outside, "tree"))
			return filepath.Join(tr.outside, "tree")
		}, branch: "side", worktree: "tree"},
		"no git file": {prepare: func(tr tree) string { tr.write(".git", "nonsense"); return tr.dir }, unknown: true},
		"gone":        {prepare: func(tr tree) string { return filepath.Join(tr.dir, "gone") }, unknown: true},
	} {
		ev := &pipeline.Event{}
		ev.Session.Dir = c.prepare(newTree(t))
		err := CheckedOut(ev)
		worktree := ev.Session.Worktree
		if worktree != "" {
			worktree = filepath.Base(worktree)
		}
		if ev.Session.Branch != c.branch || worktree != c.worktree {
			t.Errorf("%s: on %q in %q", name, ev.Session.Branch, ev.Session.Worktree)
		}
		if got := slices.Equal(ev.Unknown, []string{"session.branch", "session.worktree"}); got != c.unknown || (err != nil) != c.unknown {
			t.Errorf("%s: unknown %v, %v", name, ev.Unknown, err)
		}
	}
}

// While another call runs that may change the branch, nobody knows it.
func TestUnsettleBranch(t *testing.T) {
	ev := &pipeline.Event{Session: pipeline.Session{Branch: "main"}}
	if UnsettleBranch(ev); len(ev.Unknown) != 0 {
		t.Errorf("nothing else runs: %v", ev.Unknown)
	}
	ev.Session.Busy = true
	UnsettleBranch(ev)
	if UnsettleBranch(ev); !slices.Equal(ev.Unknown, []string{"session.branch"}) {
		t.Errorf("unknown: %v", ev.Unknown)
	}
}
