package command

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/pipeline"
)

// mustGit runs git, without the settings of whoever runs the tests.
func mustGit(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b.c"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("git %v: %v %s", args, err, out)
	}
}

// grounds are a repository with a subdirectory, a link out and a link in, a
// worktree beside it, and a directory that is none of this.
func grounds(t *testing.T) (repo, tree, outside string) {
	t.Helper()
	base := realDir(t)
	repo, tree, outside = filepath.Join(base, "repo"), filepath.Join(base, "tree"), filepath.Join(base, "outside")
	mustGit(t, "init", "-q", "-b", "main", repo)
	mustGit(t, "-C", repo, "commit", "-q", "--allow-empty", "-m", "one")
	mustGit(t, "-C", repo, "worktree", "add", "-q", tree, "-b", "tree")
	for _, dir := range []string{filepath.Join(repo, "sub"), filepath.Join(outside, "in")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for to, link := range map[string]string{outside: "out", "sub": "in"} {
		if err := os.Symlink(to, filepath.Join(repo, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(repo, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return repo, tree, outside
}

func goingFrom(from string, p Places) Going {
	return Going{From: from, Places: p, Log: slog.New(slog.DiscardHandler)}
}

func located(t *testing.T, text string, g Going) pipeline.ChatCommand {
	t.Helper()
	c, ok := Split(text)
	if !ok {
		t.Fatalf("%q is no command", text)
	}
	Locate(t.Context(), &c, g)
	return c
}

// TestLocate (SEC-23, FUN-06): the facts of a command about where it leads. Of
// what is outside they hold no more than what was written.
func TestLocate(t *testing.T) {
	repo, tree, outside := grounds(t)
	type facts struct {
		dir      string
		out, wts bool
	}
	for text, want := range map[string]facts{
		"!cd sub":                  {dir: filepath.Join(repo, "sub"), wts: true},
		"!cd in":                   {dir: filepath.Join(repo, "sub"), wts: true},
		"!cd ../tree":              {dir: tree},
		"!cd .":                    {},
		"!cd none":                 {},
		"!cd file":                 {},
		"!cd file/x":               {},
		"!cd":                      {},
		"!cd " + outside:           {dir: outside, out: true},
		"!cd " + outside + "/no":   {dir: outside + "/no", out: true},
		"!cd out":                  {dir: filepath.Join(repo, "out"), out: true},
		"!cd ..":                   {dir: filepath.Dir(repo), out: true},
		"/cd " + outside:           {},
		"!worktree switch tree":    {dir: tree},
		"!worktree SWITCH " + tree: {dir: tree},
		"!worktree switch main":    {},
		"!worktree switch none":    {},
		"!worktree fresh":          {},
		"!worktree remove tree":    {},
		"!stop":                    {},
		"!frobnicate " + outside:   {},
	} {
		c := located(t, text, goingFrom(repo, Places{Dir: repo, WorktreesRequired: true}))
		if got := (facts{c.Dir, c.Outside, c.NeedsWorktree}); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
		if c := located(t, text, goingFrom(repo, Places{Dir: repo})); c.NeedsWorktree || c.Outside != want.out {
			t.Errorf("%s where no worktree is required: %+v", text, c)
		}
		before := goingFrom(repo, Places{Dir: repo, WorktreesRequired: true})
		before.Starts = true
		if c := located(t, text, before); c.NeedsWorktree || c.Dir != want.dir {
			t.Errorf("%s before a request, which asks for a branch: %+v", text, c)
		}
	}
	if c := located(t, "!worktree switch main", goingFrom(tree, Places{Dir: tree, WorktreesRequired: true})); c.Dir != repo || !c.NeedsWorktree {
		t.Errorf("to the repository itself: %+v", c)
	}
	if c := located(t, "!worktree switch tree", goingFrom(repo, Places{Dir: repo, Roots: []string{repo}})); c.Dir != tree || !c.Outside {
		t.Errorf("to a worktree outside of the roots: %+v", c)
	}
}

// TestLocateStart: the policy's own directory needs no leave; another one does.
func TestLocateStart(t *testing.T) {
	repo, tree, outside := grounds(t)
	for _, c := range []struct {
		dir, branch  string
		roots        []string
		outside, ask bool
	}{
		{dir: repo, ask: true},
		{dir: repo, branch: "fix"},
		{dir: repo, roots: []string{tree}, ask: true},
		{dir: tree},
		{dir: filepath.Join(repo, "sub"), ask: true},
		{dir: filepath.Join(repo, "sub"), roots: []string{tree}, outside: true, ask: true},
		{dir: outside, outside: true},
		{dir: filepath.Join(repo, "none"), ask: true},
	} {
		st := pipeline.Start{Dir: c.dir, Branch: c.branch}
		LocateStart(t.Context(), &st, goingFrom("", Places{Dir: repo, Roots: c.roots, WorktreesRequired: true}))
		if st.Outside != c.outside || st.NeedsBranch != c.ask {
			t.Errorf("%+v: %+v", c, st)
		}
		LocateStart(t.Context(), &st, goingFrom("", Places{Dir: repo, Roots: c.roots}))
		if st.NeedsBranch {
			t.Errorf("%s asks for a branch where none is required", st.Dir)
		}
	}
}

// TestLocateAgreesWithDo (SEC-23, FUN-06): what a command does on its own is what
// its facts say: it goes exactly where they say that it leads, and refuses for the
// reason that they give.
func TestLocateAgreesWithDo(t *testing.T) {
	repo, tree, outside := grounds(t)
	name := rapid.SampledFrom([]string{"sub", "in", "out", "file", "none", "..", ".", "in/..", "out/in", "../tree", "../outside", repo, tree, outside, "~", "/"})
	rapid.Check(t, func(rt *rapid.T) {
		text := "!cd " + strings.Join(rapid.SliceOfN(name, 1, 3).Draw(rt, "path"), "/")
		if rapid.Bool().Draw(rt, "switch") {
			text = "!worktree switch " + rapid.SampledFrom([]string{"main", "tree", "none", repo, tree}).Draw(rt, "worktree")
		}
		p := Places{Dir: rapid.SampledFrom([]string{repo, tree, outside}).Draw(rt, "dir"), WorktreesRequired: rapid.Bool().Draw(rt, "required")}
		p.Roots = rapid.SliceOfN(rapid.SampledFrom([]string{repo, tree, filepath.Join(repo, "sub")}), 0, 2).Draw(rt, "roots")
		f := &fake{dir: rapid.SampledFrom([]string{repo, tree, filepath.Join(repo, "sub")}).Draw(rt, "from"), places: p}
		c := located(t, text, goingFrom(f.dir, p))
		said := f.run(text, alice, asSession{f})
		went := strings.HasPrefix(said, "go to ")
		switch {
		case c.Outside != strings.Contains(said, "is outside the roots"), c.NeedsWorktree != (said == WorktreeRequired):
			rt.Fatalf("%s from %s under %+v: %+v, and it says %q", text, f.dir, p, c, said)
		case c.Outside && said != OutsideRoots(c.Dir):
			rt.Fatalf("%s: the floor says %q, the command %q", text, OutsideRoots(c.Dir), said)
		case went != (c.Dir != "" && !c.Outside && !c.NeedsWorktree), went && !strings.HasPrefix(said, "go to "+c.Dir+": "):
			rt.Fatalf("%s: %+v, and %q", text, c, said)
		}
	})
}

// TestPlacesAreLookedAtAgain (SEC-23, FUN-06): what was in order when it was
// judged and is not when it is done is not done, with the words of the floor.
func TestPlacesAreLookedAtAgain(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		change func(t *testing.T, repo, tree, outside string, p *Places)
		want   func(repo, tree string) string
	}{
		"a link out in its place": {
			text: "!cd sub",
			change: func(t *testing.T, repo, _, outside string, _ *Places) {
				replaced(t, filepath.Join(repo, "sub"), outside)
			},
			want: func(repo, _ string) string { return OutsideRoots(filepath.Join(repo, "sub")) },
		},
		"a link in in its place": {
			text: "!cd sub",
			change: func(t *testing.T, repo, tree, _ string, _ *Places) {
				replaced(t, filepath.Join(repo, "sub"), tree)
			},
			want: func(string, string) string { return leadsElsewhere("sub").Error() },
		},
		"it is gone": {
			text: "!cd sub",
			change: func(t *testing.T, repo, _, _ string, _ *Places) {
				if err := os.Remove(filepath.Join(repo, "sub")); err != nil {
					t.Fatal(err)
				}
			},
			want: func(repo, _ string) string {
				return "❌ Directory does not exist: `" + shortPath(filepath.Join(repo, "sub")) + "`"
			},
		},
		"it was not there": {
			text: "!cd new",
			change: func(t *testing.T, repo, _, _ string, _ *Places) {
				if err := os.Mkdir(filepath.Join(repo, "new"), 0o700); err != nil {
					t.Fatal(err)
				}
			},
			want: func(string, string) string { return leadsElsewhere("new").Error() },
		},
		"a worktree is required now": {
			text:   "!cd sub",
			change: func(_ *testing.T, _, _, _ string, p *Places) { p.WorktreesRequired = true },
			want:   func(string, string) string { return WorktreeRequired },
		},
		"the roots are others now": {
			text:   "!worktree switch tree",
			change: func(_ *testing.T, repo, _, _ string, p *Places) { p.Roots = []string{repo} },
			want:   func(_, tree string) string { return OutsideRoots(tree) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			repo, tree, outside := grounds(t)
			f := &fake{dir: repo, places: Places{Dir: repo}}
			judged := located(t, c.text, goingFrom(repo, f.places))
			c.change(t, repo, tree, outside, &f.places)
			known, _ := Find(judged.Name)
			known.Do(t.Context(), Call{By: alice, Args: judged.Args, Text: judged.Text, Dir: judged.Dir, Session: asSession{f}, Host: f, Log: slog.New(slog.DiscardHandler)})
			if got, want := strings.Join(f.log, "\n"), c.want(repo, tree); judged.Outside || got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if judged.Name != "cd" {
				return
			}
			st := pipeline.Start{Dir: repo}
			err := Shape(t.Context(), "cd", Starting{Start: &st, Arg: judged.Text, Dir: judged.Dir, Host: f, Log: slog.New(slog.DiscardHandler)})
			if want := c.want(repo, tree); want != WorktreeRequired && (err == nil || err.Error() != want+"\n"+NothingStarted || st.Dir != repo) {
				t.Errorf("a start: %v, in %s", err, st.Dir)
			}
		})
	}
}

// replaced puts a link where a directory was.
func replaced(t *testing.T, path, to string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}
