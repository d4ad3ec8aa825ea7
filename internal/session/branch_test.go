package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// repository makes a git repository with one commit.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := filepath.Join(t.TempDir(), "repo")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "one"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

// TestStartOnBranch covers FUN-05 and RACE-03: Claude is started once, in the
// branch's worktree and nowhere else, and gets the request without the clause.
func TestStartOnBranch(t *testing.T) {
	dir := repository(t)
	inWorld(t, "", func(w *world) {
		w.set.Dir = dir
		root := w.post("alice", "", "@claude-code do y on branch fix/X")
		w.until(func() bool { return len(w.agents.all) > 0 })
		w.settle()
		tree := filepath.Join(dir+"-worktrees", "fix", "X")
		if a := w.latest(); len(w.agents.all) != 1 || a.spec.Dir != tree {
			t.Fatalf("%d agents, in %s, want %s", len(w.agents.all), a.spec.Dir, tree)
		}
		chattest.Want(t, w.latest().sent(), "do y")
		w.shows(root, "✅ **Created worktree** for branch `fix/X`")
		other := w.post("bob", "", "@claude-code on branch fix/X: me too")
		w.until(func() bool { return len(w.agents.all) > 1 })
		w.settle()
		if w.latest().spec.Dir != tree {
			t.Errorf("in %s", w.latest().spec.Dir)
		}
		w.shows(other, "🌿 **Working in the worktree** of branch `fix/X`")
	})
}

// TestStartOnBranchFails covers FUN-05: where there is no worktree to be had
// nothing is started, and the slot is free again.
func TestStartOnBranchFails(t *testing.T) {
	dir := repository(t)
	plain := t.TempDir()
	inWorld(t, "", func(w *world) {
		for text, says := range map[string]string{
			"@claude-code on branch main: do y": "the branch main is checked out in",
			"@claude-code on branch -x: do y":   "Invalid branch name",
		} {
			w.set.Dir = dir
			root := w.post("alice", "", text)
			w.until(func() bool { return len(w.chat.Said(root)) > 0 && w.host.session(w.host.threadID("p1")) == nil })
			w.settle()
			w.shows(root, says)
			w.shows(root, "Nothing was started")
		}
		w.set.Dir = plain
		root := w.post("alice", "", "@claude-code do y on branch fix/x")
		w.until(func() bool {
			return strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), "Cannot work on branch")
		})
		w.shows(root, "not a git repository")
		if n := len(w.agents.all); n != 0 || w.host.slots().active() != 0 {
			t.Errorf("%d agents, %d slots", n, w.host.slots().active())
		}
	})
}

// TestStopWhileBranching covers FUN-05 and RACE-11: what ends while its worktree
// is being made is never started in the repository afterwards.
func TestStopWhileBranching(t *testing.T) {
	dir := repository(t)
	for name, stop := range map[string]func(w *world, root string){
		"!stop":    func(w *world, root string) { w.says("alice", root, "!stop") },
		"shutdown": func(w *world, _ string) { w.closed(); w.restarted() },
	} {
		inKept(t, func(w *world) {
			w.set.Dir = dir
			root := w.post("alice", "", "@claude-code do y on branch fix/"+name[1:])
			for w.host.slots().active() == 0 {
				runtime.Gosched() // until git runs
			}
			stop(w, root)
			w.until(func() bool { return w.host.slots().active() == 0 })
			w.says("alice", root, "go on")
			for _, a := range w.agents.all { // git may have been done before
				if a.spec.Dir == dir {
					t.Errorf("%s: an agent in the repository", name)
				}
			}
		})
	}
}
