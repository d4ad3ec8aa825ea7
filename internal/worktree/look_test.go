package worktree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLookAgreesWithGit(t *testing.T) {
	r := newRepo(t)
	sub := filepath.Join(r.Root, "a", "b")
	if err := os.MkdirAll(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	tree, _, err := r.Ensure(t.Context(), "fix/Login")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(tree.Path, link); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]Place{
		r.Root:      {Top: r.Root, Branch: "main"},
		sub:         {Top: r.Root, Branch: "main"},
		tree.Path:   {Top: tree.Path, Branch: "fix/Login", Linked: true, From: r.Root},
		link:        {Top: tree.Path, Branch: "fix/Login", Linked: true, From: r.Root},
		t.TempDir(): {},
	} {
		if got, err := Look(dir); err != nil || got != want {
			t.Errorf("Look(%s) = %+v, %v; want %+v", dir, got, err, want)
		}
	}
	run(t, r.Root, "checkout", "-q", "--detach")
	if got, err := Look(r.Root); err != nil || got.Branch != "" || got.Top != r.Root {
		t.Errorf("detached: %+v, %v", got, err)
	}
	if got := strings.TrimSpace(run(t, tree.Path, "branch", "--show-current")); got != "fix/Login" {
		t.Errorf("git says %q", got)
	}
}

// What cannot be read is not known, and never "no branch".
func TestLookSaysWhatItCannotKnow(t *testing.T) {
	for name, head := range map[string]string{"reftable": "ref: refs/heads/.invalid\n", "garbage": "hello\n", "empty": "", "long": strings.Repeat("x", 5000)} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, ".git", "HEAD"), head)
		if got, err := Look(dir); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	pipe := t.TempDir()
	if err := os.Mkdir(filepath.Join(pipe, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(pipe, ".git", "HEAD"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Look(pipe); err == nil {
		t.Errorf("a pipe: %+v", got)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git"), "not a pointer\n")
	if got, err := Look(dir); err == nil {
		t.Errorf("a .git file of something else: %+v", got)
	}
	if got, err := Look(filepath.Join(dir, "gone")); err == nil {
		t.Errorf("a directory that is not there: %+v", got)
	}
}

func BenchmarkLook(b *testing.B) {
	wd, err := os.Getwd()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Look(wd); err != nil {
			b.Fatal(err)
		}
	}
}
