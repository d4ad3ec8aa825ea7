package command

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func placesOf(p Places) places { return places{Places: p, log: slog.New(slog.DiscardHandler)} }

// TestDirectory covers SEC-23, G3 and FUN-12: a path leads below the roots only,
// with links followed.
func TestDirectory(t *testing.T) {
	outside, top := realDir(t), realDir(t)
	if err := os.MkdirAll(filepath.Join(top, "sub", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(top, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(top, "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("sub", filepath.Join(top, "in")); err != nil {
		t.Fatal(err)
	}
	p := placesOf(Places{Dir: top})
	for path, want := range map[string]string{
		"sub":            filepath.Join(top, "sub"),
		" sub/deep/.. ":  filepath.Join(top, "sub"),
		"in/deep":        filepath.Join(top, "sub", "deep"),
		top:              top,
		"nowhere":        "❌ Directory does not exist: ",
		"file":           "❌ Not a directory: ",
		"file/x":         "❌ Not a directory: ",
		outside:          "is outside the roots",
		"out":            "is outside the roots",
		"out/new":        "is outside the roots",
		"..":             "is outside the roots",
		"/etc/no-such-t": "is outside the roots",
		"~":              "is outside the roots",
		"":               top,
	} {
		got, err := p.directory(t.Context(), top, path)
		if err != nil {
			var forPeople UserError
			if !errors.As(err, &forPeople) || got != "" {
				t.Errorf("%q: %q, an error for nobody: %v", path, got, err)
			}
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// TestDirectoryTellsNothing covers SEC-23: of what lies outside the roots !cd
// says the same, whether it exists, is a file, or neither.
func TestDirectoryTellsNothing(t *testing.T) {
	outside, top := realDir(t), realDir(t)
	if err := os.WriteFile(filepath.Join(outside, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "file/x", "none/x", "none", "."} {
		path := filepath.Join(outside, name)
		if _, err := placesOf(Places{Dir: top}).directory(t.Context(), top, path); err == nil || err.Error() != outsideRoots(path).Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDirectoryToWorktree: without [claude] roots the repository's worktrees can
// be gone to; with them, only what they name.
func TestDirectoryToWorktree(t *testing.T) {
	base := realDir(t)
	repo := filepath.Join(base, "repo")
	for _, args := range [][]string{{"init", "-q", repo}, {"-C", repo, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "one"},
		{"-C", repo, "worktree", "add", "-q", filepath.Join(base, "tree"), "-b", "tree"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Skipf("git %v: %v %s", args, err, out)
		}
	}
	tree := filepath.Join(base, "tree")
	open, named := placesOf(Places{Dir: repo}), placesOf(Places{Dir: repo, Roots: []string{repo}})
	if got, err := open.directory(t.Context(), repo, "../tree"); err != nil || got != tree {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := named.directory(t.Context(), repo, "../tree"); err == nil {
		t.Errorf("outside the roots that are named: %q", got)
	}
	if named.confines(t.Context(), tree) || !named.confines(t.Context(), repo) {
		t.Error("a worktree outside the roots that are named may be switched to")
	}
	required := placesOf(Places{Dir: repo, WorktreesRequired: true})
	if !open.mayWorkIn(repo) || required.mayWorkIn(repo) || !required.mayWorkIn(tree) {
		t.Error("FUN-06: where worktrees are required, they alone may be worked in")
	}
}

func realDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
