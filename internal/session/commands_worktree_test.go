package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"ctpipe/internal/command"
	"ctpipe/internal/mattermost/chattest"
)

const worktreeRule = `
[[rule]]
id   = "trees"
on   = "command"
when = 'command.name == "worktree"'
then = "allow"
`

// inRepo makes the session's directory a repository with one commit.
func inRepo(w *world) {
	w.Helper()
	real, err := filepath.EvalSymlinks(w.set.Dir)
	if err != nil {
		w.Fatal(err)
	}
	w.set.Dir = filepath.Join(real, "app")
	if err := os.Mkdir(w.set.Dir, 0o700); err != nil {
		w.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"commit", "-q", "--allow-empty", "-m", "one"}} {
		w.git(w.set.Dir, args...)
	}
}

func (w *world) git(dir string, args ...string) {
	w.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// commands says something and waits until git has answered: other processes
// are no part of the bubble's time.
func (w *world) commands(root, text, words string) {
	w.Helper()
	w.post("alice", root, text)
	for range 600 {
		w.settle()
		synctest.Wait()
		if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), words) {
			return
		}
	}
	w.shows(root, words)
}

// TestWorktreeCommands: make, list, switch, remove (behaviour 1.9), with the
// branch's case kept (FUN-03) and no work thrown away (FUN-01).
func TestWorktreeCommands(t *testing.T) {
	inWorld(t, worktreeRule, func(w *world) {
		inRepo(w)
		trees := filepath.Join(filepath.Dir(w.set.Dir), "app-worktrees")
		root, first := w.opened()
		w.commands(root, "!worktree", "Usage: `!worktree")
		w.commands(root, "!worktree -b", "❌ Invalid branch name: `-b`")
		w.commands(root, "!worktree Fix/Login", "✅ **Created worktree** for branch `Fix/Login`")
		w.settle()
		if got := w.agents.all[len(w.agents.all)-1]; got == first || got.spec.Dir != filepath.Join(trees, "Fix", "Login") || got.spec.Resume {
			t.Errorf("Claude runs in %s, resumed %v", got.spec.Dir, got.spec.Resume)
		}
		w.commands(root, "!worktree list", "(main repository)")
		w.shows(root, "← current")
		w.commands(root, "!worktree Fix/Login", "already exists at")
		w.commands(root, "!worktree remove Fix/Login", "❌ Cannot remove the current working directory")
		w.commands(root, "!worktree switch nowhere", "❌ Worktree not found: `nowhere`")
		w.commands(root, "!worktree switch main", "📂 **Working directory changed**")
		if err := os.WriteFile(filepath.Join(trees, "Fix", "Login", "new.txt"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.commands(root, "!worktree remove Fix/Login", "is kept: it has uncommitted work")
		w.commands(root, "!worktree remove main", "❌ Cannot remove the main repository")
		w.commands(root, "!worktree remove Fix/Login --force", "✅ Removed worktree `Fix/Login`")
		if _, err := os.Stat(filepath.Join(trees, "Fix", "Login")); err == nil {
			t.Error("it is still there")
		}
		w.commands(root, "!worktree off", "✅ Worktree prompts disabled")
	})
}

// A worktree that another session works in stays, forced or not.
func TestAWorktreeInUseStays(t *testing.T) {
	inWorld(t, worktreeRule, func(w *world) {
		inRepo(w)
		one, _ := w.opened()
		w.commands(one, "!worktree fix", "✅ **Created worktree**")
		two, _ := w.opened()
		w.commands(two, "!worktree remove fix --force", "a session works in it")
	})
}

// The list needs no session; making a worktree does.
func TestWorktreesBeforeASession(t *testing.T) {
	inWorld(t, worktreeRule, func(w *world) {
		inRepo(w)
		root := w.post("alice", "", "@claude-code !worktree LIST")
		w.commands(root, "@claude-code !worktree list", "• `main` → `"+w.set.Dir+"` (main repository)")
		w.shows(w.says("alice", "", "@claude-code !worktree switch main"), command.NoSession)
		if n := len(w.agents.all); n != 0 {
			t.Errorf("%d agents", n)
		}
	})
}

// What is no repository has no worktrees.
func TestWorktreeNeedsARepository(t *testing.T) {
	inWorld(t, worktreeRule, func(w *world) {
		root, _ := w.opened()
		w.commands(root, "!worktree fix", "❌ Current directory is not a git repository")
	})
}

// TestWorktreeIsShown: the header names the worktree and its repository, tool
// lines say [branch]/rest, and a session in a subdirectory goes on in the same
// one; a link in its place is not followed (F2).
func TestWorktreeIsShown(t *testing.T) {
	inWorld(t, worktreeRule, func(w *world) {
		inRepo(w)
		top := w.set.Dir
		for _, dir := range []string{"web", "api"} {
			if err := os.Mkdir(filepath.Join(top, dir), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(top, dir, "f"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.git(top, "add", "-A")
		w.git(top, "commit", "-q", "-m", "two")
		w.set.Dir = filepath.Join(top, "web")
		root, _ := w.opened()
		if row := headRow(w.theHeader(root), "Branch"); !strings.Contains(row, "`main`") {
			t.Errorf("branch row %q", row)
		}
		w.commands(root, "!worktree fix/x", "✅ **Created worktree** for branch `fix/x`")
		a := w.latest()
		tree := filepath.Join(filepath.Dir(top), "app-worktrees", "fix", "x")
		if a.spec.Dir != filepath.Join(tree, "web") {
			t.Errorf("Claude runs in %s", a.spec.Dir)
		}
		head := w.theHeader(root)
		if row := headRow(head, "Worktree"); !strings.Contains(row, "`fix/x` (from `"+top+"`)") || headRow(head, "Branch") != "" {
			t.Errorf("worktree row %q, branch row %q", row, headRow(head, "Branch"))
		}
		a.uses(t, "t1", "", "Read", `{"file_path":"`+filepath.Join(tree, "web", "f")+`"}`)
		w.settle()
		w.shows(root, "📄 **Read** `[fix/x]/web/f`")

		w.commands(root, "!worktree switch main", "📂 **Working directory changed**")
		if got := w.latest().spec.Dir; got != filepath.Join(top, "web") {
			t.Errorf("back in %s", got)
		}
		if err := os.RemoveAll(filepath.Join(tree, "web")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/", filepath.Join(tree, "web")); err != nil {
			t.Fatal(err)
		}
		w.commands(root, "!worktree switch fix/x", "**Working directory changed** to `"+tree+"`")
		if got := w.latest().spec.Dir; got != tree {
			t.Errorf("through the link: %s", got)
		}
	})
}
