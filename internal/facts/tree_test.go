package facts

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// tree is a session's directory on the disk, with another one outside it.
type tree struct {
	t                  *testing.T
	dir, outside, home string
}

func newTree(t *testing.T) tree {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tr := tree{t: t, dir: filepath.Join(root, "app"), outside: filepath.Join(root, "app-x"), home: filepath.Join(root, "home")}
	for _, d := range []string{tr.dir, tr.outside, tr.home} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func (tr tree) write(name, text string) {
	tr.t.Helper()
	full := name
	if !filepath.IsAbs(name) {
		full = filepath.Join(tr.dir, name)
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) link(target, name string) {
	tr.t.Helper()
	if err := os.Symlink(target, filepath.Join(tr.dir, name)); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) git(args ...string) {
	tr.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = tr.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + tr.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org"}
	if out, err := cmd.CombinedOutput(); err != nil {
		tr.t.Skipf("git %v: %v %s", args, err, out)
	}
}

// fillAll finds every fact of a call, as the stages do.
func fillAll(ev *pipeline.Event, paths *Paths, home string, mcp ...rules.MCP) {
	e := Extract(ev, home, mcp...)
	e.Fill(ev)
	paths.Fill(ev, e)
}

// facts finds the facts of a call.
func (tr tree) facts(tool string, input map[string]any, change ...func(*pipeline.Event)) *pipeline.Event {
	tr.t.Helper()
	ev := &pipeline.Event{Kind: pipeline.KindTool}
	ev.Session.Dir, ev.Tool.Cwd = tr.dir, tr.dir
	ev.Tool.Name, ev.Tool.Input = tool, input
	for _, f := range change {
		f(ev)
	}
	fillAll(ev, NewPaths(Disk{}, tr.home), tr.home)
	return ev
}

func (tr tree) bash(command string, change ...func(*pipeline.Event)) *pipeline.Event {
	return tr.facts("Bash", map[string]any{"command": command}, change...)
}

// reads is the idiom of the shipped rules.
func reads(ev *pipeline.Event) bool {
	t := &ev.Tool
	if t.Opaque || len(ev.Unknown) > 0 || len(t.Commands) == 0 {
		return false
	}
	for _, c := range t.Commands {
		if c.Class != pipeline.ClassRead {
			return false
		}
	}
	return !slices.ContainsFunc(t.Paths, func(p pipeline.Path) bool { return p.Write || !p.Inside || p.Secret })
}
