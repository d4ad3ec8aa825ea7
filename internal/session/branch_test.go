package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/worktree"

	"pgregory.net/rapid"
)

// TestBranchClause covers FUN-04: a branch is named only by a clause of its own,
// first or last; English that holds the words stays what it is.
func TestBranchClause(t *testing.T) {
	for text, want := range map[string][2]string{
		"on branch fix/x: do y":                {"do y", "fix/x"},
		"On Branch Fix/X, do y\nand z":         {"do y\nand z", "Fix/X"},
		"on branch `fix/x`: do y":              {"do y", "fix/x"},
		"on branch fix/x:":                     {"", "fix/x"},
		"do y on branch fix/x":                 {"do y", "fix/x"},
		"do y, on branch fix/x.":               {"do y", "fix/x"},
		"do y\nand z on branch \"fix/x\"!":     {"do y\nand z", "fix/x"},
		"on branch a: do y on branch b":        {"do y on branch b", "a"},
		"what is on branch protection?":        {},
		"what is on branch protection":         {},
		"is it on branch main":                 {},
		"tell me what is on branch main":       {},
		"see what's on branch main":            {},
		"where did they put it on branch main": {},
		"on branch protection rules: explain":  {},
		"on branch protection we need docs":    {},
		"do y on branch fix/x and then z":      {},
		"do y on branch":                       {},
		"on branch: do y":                      {},
		"do y on branch --upload-pack=x":       {},
		"do y on branch a..b":                  {},
		"do y on branch fix/x?":                {},
		"do y on-branch fix/x":                 {},
		"carry on branch manager":              {"carry", "manager"},
		"":                                     {},
	} {
		rest, branch, err := branchClause(text)
		if want[1] == "" {
			want[0] = text
		}
		if err != nil || rest != want[0] || branch != want[1] {
			t.Errorf("%q: %q %q %v, want %q", text, rest, branch, err, want)
		}
	}
	for _, text := range []string{"on branch -x: do y", "on branch a..b: do y", "on branch x.lock: y", "on branch --orphan, y"} {
		if _, branch, err := branchClause(text); err == nil || branch != "" || !strings.Contains(err.Error(), "Invalid branch name") {
			t.Errorf("%q: %q %v", text, branch, err)
		}
	}
}

// TestBranchNames covers SEC-18 and G1: no name that a clause gives could be an
// option, or is refused by git.
func TestBranchNames(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "fix", "/", "-", ".", "..", "@{", "@", "~", "^", ":", "*", "[", "\\", "lock", ".lock", "HEAD", "ü", "$(id)"}), 1, 5).Draw(t, "name"), "")
		for _, text := range []string{"on branch " + name + ": do y", "do y on branch " + name} {
			_, branch, _ := branchClause(text)
			if branch == "" {
				continue
			}
			if strings.HasPrefix(branch, "-") || worktree.ValidBranch(branch) != nil || exec.Command(git, "check-ref-format", "--branch", branch).Run() != nil {
				t.Fatalf("%q gave %q", text, branch)
			}
		}
	})
}

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
		if n := len(w.agents.all); n != 0 || w.host.slots() != 0 {
			t.Errorf("%d agents, %d slots", n, w.host.slots())
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
			for w.host.slots() == 0 {
				runtime.Gosched() // until git runs
			}
			stop(w, root)
			w.until(func() bool { return w.host.slots() == 0 })
			w.says("alice", root, "go on")
			for _, a := range w.agents.all { // git may have been done before
				if a.spec.Dir == dir {
					t.Errorf("%s: an agent in the repository", name)
				}
			}
		})
	}
}
