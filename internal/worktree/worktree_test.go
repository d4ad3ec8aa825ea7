package worktree

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs git as a person would, for setting a scene.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// newRepo makes a repository "app" with one commit.
func newRepo(t *testing.T) Repo {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "app")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "init", "-q", "-b", "main")
	write(t, filepath.Join(dir, "a.txt"), "one\n")
	run(t, dir, "add", ".")
	run(t, dir, "commit", "-q", "-m", "one")
	r, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenFindsTheMainRepositoryFromAnywhereInIt(t *testing.T) {
	r := newRepo(t)
	sub := filepath.Join(r.Root, "deep", "er")
	if err := os.MkdirAll(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	tree, _, err := r.Ensure(t.Context(), "side")
	if err != nil {
		t.Fatal(err)
	}
	for dir, here := range map[string]string{sub: r.Root, tree.Path: tree.Path} {
		got, err := Open(t.Context(), dir)
		if err != nil || got.Root != r.Root || got.Here != here {
			t.Errorf("Open(%s) = %+v, %v", dir, got, err)
		}
	}
	if _, err := Open(t.Context(), t.TempDir()); !errors.Is(err, ErrNoRepo) {
		t.Errorf("a directory of no repository: %v", err)
	}
}

func TestEnsureMakesJoinsAndKeepsTheCase(t *testing.T) {
	r := newRepo(t)
	tree, made, err := r.Ensure(t.Context(), "Fix/Login")
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	if want := filepath.Join(filepath.Dir(r.Root), "app-worktrees", "Fix", "Login"); tree.Path != want {
		t.Errorf("path %s, want %s", tree.Path, want)
	}
	if got := strings.TrimSpace(run(t, tree.Path, "branch", "--show-current")); got != "Fix/Login" {
		t.Errorf("branch %q (FUN-03)", got)
	}
	again, made, err := r.Ensure(t.Context(), "Fix/Login")
	if err != nil || made || again.Path != tree.Path {
		t.Errorf("the second time: %+v, made %v, %v", again, made, err)
	}
	main, made, err := r.Ensure(t.Context(), "main")
	if err != nil || made || main.Path != r.Root {
		t.Errorf("a branch that is checked out in the repository: %+v, made %v, %v", main, made, err)
	}
}

func TestEnsureTakesABranchOfOrigin(t *testing.T) {
	r := newRepo(t)
	run(t, r.Root, "branch", "theirs")
	base := filepath.Dir(r.Root)
	run(t, base, "clone", "-q", r.Root, "copy")
	c, err := Open(t.Context(), filepath.Join(base, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	tree, _, err := c.Ensure(t.Context(), "theirs")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(run(t, tree.Path, "rev-parse", "--abbrev-ref", "theirs@{upstream}")); got != "origin/theirs" {
		t.Errorf("upstream %q", got)
	}
}

func TestATakenPathGetsASuffix(t *testing.T) {
	r := newRepo(t)
	if err := os.MkdirAll(filepath.Join(r.folder(), "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	tree, _, err := r.Ensure(t.Context(), "b")
	if err != nil || filepath.Base(tree.Path) != "b-2" {
		t.Errorf("%+v, %v", tree, err)
	}
}

// F2, G3: a link where worktrees would go leads nowhere.
func TestALinkIsNotFollowed(t *testing.T) {
	r := newRepo(t)
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, r.folder()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Ensure(t.Context(), "b"); err == nil || !strings.Contains(err.Error(), "no directory") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(r.folder()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(r.folder(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(r.folder(), "fix")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Ensure(t.Context(), "fix/a"); err == nil {
		t.Error("a linked folder is used")
	}
	if left, _ := os.ReadDir(elsewhere); len(left) != 0 {
		t.Errorf("something was written through the link: %v", left)
	}
}

// FUN-03: git's refusal is said in words that help.
func TestANestedBranchIsExplained(t *testing.T) {
	r := newRepo(t)
	run(t, r.Root, "branch", "fix")
	run(t, r.Root, "branch", "feat/a")
	for branch, want := range map[string]string{"fix/login": `the branch "fix" exists`, "feat": `branches below "feat"`} {
		if _, _, err := r.Ensure(t.Context(), branch); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", branch, err)
		}
	}
}

// G2: nothing that the repository brings runs when ctpipe itself uses git.
func TestTheRepositoryRunsNothing(t *testing.T) {
	r := newRepo(t)
	marker := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+marker+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-checkout", "post-index-change", "reference-transaction"} {
		if err := os.Symlink(script, filepath.Join(r.Root, ".git", "hooks", hook)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, r.Root, "config", "core.fsmonitor", script)
	run(t, r.Root, "config", "core.pager", script)
	run(t, r.Root, "config", "core.sshCommand", script)
	tree, _, err := r.Ensure(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dirty(t.Context(), tree.Path); err != nil {
		t.Fatal(err)
	}
	if err := r.Remove(t.Context(), tree, nil, false); err != nil {
		t.Fatal(err)
	}
	if exists(marker) {
		t.Error("something of the repository's own ran")
	}
}

// FUN-01, FUN-02: work that nothing else holds is not thrown away.
func TestRemoveKeepsWork(t *testing.T) {
	r := newRepo(t)
	tree, _, err := r.Ensure(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	var unsafe *Unsafe
	write(t, filepath.Join(tree.Path, "new.txt"), "x")
	if err := r.Remove(t.Context(), tree, nil, false); !errors.As(err, &unsafe) || !strings.Contains(err.Error(), "uncommitted") {
		t.Errorf("uncommitted work: %v", err)
	}
	run(t, tree.Path, "add", ".")
	run(t, tree.Path, "commit", "-q", "-m", "two")
	if err := r.Remove(t.Context(), tree, nil, false); !errors.As(err, &unsafe) || !strings.Contains(err.Error(), "1 of its commits") {
		t.Errorf("a commit of its own: %v", err)
	}
	inside := filepath.Join(tree.Path, "sub")
	if err := r.Remove(t.Context(), tree, []string{inside}, true); !errors.As(err, &unsafe) || !strings.Contains(err.Error(), "session") {
		t.Errorf("a session inside, forced: %v", err)
	}
	trees, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Remove(t.Context(), trees[0], nil, true); err == nil {
		t.Error("the main repository was removed")
	}
	run(t, r.Root, "merge", "-q", "b")
	if err := r.Remove(t.Context(), tree, nil, false); err != nil {
		t.Errorf("merged: %v", err)
	}
	if exists(tree.Path) {
		t.Error("it is still there")
	}
}

// G1, SEC-18: no name is an option, a path elsewhere or another ref.
func TestValidBranch(t *testing.T) {
	for _, good := range []string{"main", "fix/login", "Fix-2", "v1.2", "a_b", "über", "user@host", "release/2026.11"} {
		if err := ValidBranch(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "-b", "--upload-pack=touch x", "--orphan", "a..b", "a/", "/a", "a//b", "a b", "a\tb", "a\x00b", "x.lock",
		"x.lock/y", ".git", "a/.git", "a/-b", "@", "HEAD", "a@{1}", "a~1", "a^", "a:b", "a?", "a*", "a[b", `a\b`, "a.", "refs/heads/a",
		"a\u202eb", "a\u200bb", "a\u00a0b", strings.Repeat("x", 201), "$(id)\n"} {
		if ValidBranch(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// FuzzValidBranch holds the names that pass against git's own check.
func FuzzValidBranch(f *testing.F) {
	for _, s := range []string{"main", "a/b", "-x", "a..b", "a.lock", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if ValidBranch(name) != nil {
			return
		}
		if strings.HasPrefix(name, "-") || strings.Contains("/"+name+"/", "/../") {
			t.Fatalf("%q passes", name)
		}
		if out, err := exec.Command("git", "check-ref-format", "--branch", name).CombinedOutput(); err != nil {
			t.Errorf("git refuses %q: %s", name, out)
		}
	})
}
