package facts

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// TestTableKnowsTheCLIsTools compares the table with the CLI's own list.
func TestTableKnowsTheCLIsTools(t *testing.T) {
	raw, err := os.ReadFile("testdata/cli-tools.json")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil || len(names) < 20 {
		t.Fatalf("%d tools, %v", len(names), err)
	}
	for _, n := range append(names, "Agent", "Glob", "Grep") {
		if _, ok := tools[n]; !ok {
			t.Errorf("the CLI has a tool %s that the table does not know", n)
		}
	}
}

// TestUnknownToolsAreNeverEmpty: for a tool that is not in the table, and for
// an MCP tool, commands, paths and hosts are unknown, and the call is opaque.
func TestUnknownToolsAreNeverEmpty(t *testing.T) {
	tr := newTree(t)
	for _, name := range []string{"Fresh", "mcp__db__execute_sql", "bash", "Bash "} {
		ev := tr.facts(name, map[string]any{"query": "DROP TABLE t", "command": "ls"})
		for _, fact := range []string{"tool.commands", "tool.paths", "tool.hosts"} {
			if !slices.Contains(ev.Unknown, fact) {
				t.Errorf("%s: %s is not unknown: %v", name, fact, ev.Unknown)
			}
		}
		if !ev.Tool.Opaque || ev.Tool.Why == "" {
			t.Errorf("%s: not opaque", name)
		}
	}
	ev := tr.facts("mcp__db__execute_sql", map[string]any{"query": "DROP TABLE t"})
	if ev.Tool.SQL.Class != "destroy" || ev.Tool.MCP.Server != "db" || ev.Tool.MCP.Tool != "execute_sql" {
		t.Errorf("mcp: %+v %+v", ev.Tool.SQL, ev.Tool.MCP)
	}
}

// TestFieldsThatAreMissing: an input of another shape is unknown, not empty.
func TestFieldsThatAreMissing(t *testing.T) {
	tr := newTree(t)
	for tool, fact := range map[string]string{"Bash": "tool.commands", "Read": "tool.paths", "Write": "tool.paths", "WebFetch": "tool.hosts"} {
		for _, input := range []map[string]any{{}, {"command": 1, "file_path": []any{"a"}, "url": nil}} {
			ev := tr.facts(tool, input)
			if !slices.Contains(ev.Unknown, fact) || !ev.Tool.Opaque {
				t.Errorf("%s %v: unknown %v, opaque %v", tool, input, ev.Unknown, ev.Tool.Opaque)
			}
		}
	}
	if ev := tr.facts("WebFetch", map[string]any{"url": "https://good.example@Evil.example:8/x"}); !slices.Equal(ev.Tool.Hosts, []string{"evil.example"}) {
		t.Errorf("hosts %v", ev.Tool.Hosts)
	}
}

// TestPathsAreFollowed (F1): links, .. behind links, prefixes that look alike,
// what does not exist yet.
func TestPathsAreFollowed(t *testing.T) {
	tr := newTree(t)
	tr.write("a.go", "")
	tr.write("sub/b.go", "")
	tr.write(tr.outside+"/deep/secret.txt", "")
	tr.link(tr.outside, "out")
	tr.link(tr.outside+"/deep", "deep")
	tr.link("sub", "in")
	tr.link("loop", "loop")
	for _, c := range []struct {
		name   string
		inside bool
		rel    string
	}{
		{"a.go", true, "a.go"}, {tr.dir + "/a.go", true, "a.go"}, {"in/b.go", true, "sub/b.go"}, {"new/x/y", true, "new/x/y"},
		{"out/x", false, ""}, {"out/new", false, ""}, {tr.outside + "/deep", false, ""}, {"../app-x/x", false, ""}, {"..", false, ""},
		{"deep/../x", false, ""}, {"sub/../a.go", true, "a.go"}, {".", true, "."}, {"/etc/passwd", false, ""},
	} {
		ev := tr.facts("Read", map[string]any{"file_path": c.name})
		all := len(ev.Tool.Paths) > 0
		for _, p := range ev.Tool.Paths {
			all = all && p.Inside
		}
		if all != c.inside || c.inside && ev.Tool.Paths[0].Rel != c.rel {
			t.Errorf("%s: %+v", c.name, ev.Tool.Paths)
		}
	}
	if ev := tr.facts("Write", map[string]any{"file_path": "loop/x"}); !slices.Contains(ev.Unknown, "tool.paths") {
		t.Errorf("a loop of links is known: %+v", ev.Tool.Paths)
	}
	if ev := tr.facts("Write", map[string]any{"file_path": "in/new.go"}); !ev.Tool.Paths[0].Write || ev.Tool.Paths[0].Base != "new.go" {
		t.Errorf("write: %+v", ev.Tool.Paths)
	}
	if ev := tr.bash("cat in/b.go"); !reads(ev) {
		t.Errorf("cat through an inner link: %+v", ev.Tool)
	}
	if ev := tr.bash("cat b.go", func(e *pipeline.Event) { e.Tool.Cwd = tr.dir + "/in" }); !reads(ev) || ev.Tool.Paths[0].Rel != "sub/b.go" {
		t.Errorf("relative to the call's cwd: %+v", ev.Tool.Paths)
	}
	if reads(tr.bash("cat out/deep/secret.txt")) || reads(tr.bash("cd out && cat x")) || reads(tr.bash("cd deep/.. && cat x")) {
		t.Error("reading through a link that leads outside is reading inside")
	}
}

// TestSecretsInRange: reading is no reading where a credential file is in range.
func TestSecretsInRange(t *testing.T) {
	tr := newTree(t)
	tr.write("src/a.go", "x")
	for command, want := range map[string]bool{"cat src/*": true, "grep -r x .": true, "rg x": true, "rg --hidden x": true, "diff -r src src": true, "ls -a": true} {
		if got := reads(tr.bash(command)); got != want {
			t.Errorf("without secrets, %s: reads %v", command, got)
		}
	}
	tr.write("src/.env", "K=1")
	for command, want := range map[string]bool{
		"cat src/*": true, "cat src/.*": false, "cat src/.e*": false, "grep -r x .": false, "grep -r x src": false, "grep -rn x .": false,
		"rg x": true, "rg --hidden x": false, "rg -uu x": false, "rg -g '.env' x": false, "rg x src/.env": false, "cat src/a.go": true, "ls -a src": true, "diff -r src src": false,
	} {
		if got := reads(tr.bash(command)); got != want {
			t.Errorf("with .env, %s: reads %v", command, got)
		}
	}
	if ev := tr.facts("Grep", map[string]any{"pattern": "x"}); !ev.Tool.Opaque {
		t.Error("Grep over a credential file is not opaque")
	}
	if ev := tr.facts("Grep", map[string]any{"pattern": "x", "glob": "*.go"}); ev.Tool.Opaque {
		t.Errorf("Grep in *.go is opaque: %s", ev.Tool.Why)
	}
	tr.link("src/.env", "notes.txt")
	if ev := tr.bash("cat notes.txt"); reads(ev) || !ev.Tool.Paths[0].Secret {
		t.Errorf("a link to a credential file: %+v", ev.Tool.Paths)
	}
}

// TestGlobs are expanded here; a name that looks like a flag is no file.
func TestGlobs(t *testing.T) {
	tr := newTree(t)
	tr.write("a.txt", "")
	tr.write("b.txt", "")
	if ev := tr.bash("sort *.txt"); !reads(ev) || len(ev.Tool.Paths) != 2 {
		t.Errorf("%+v", ev.Tool.Paths)
	}
	tr.write("-o", "")
	if reads(tr.bash("sort *")) {
		t.Error("a file called -o makes sort write")
	}
	if !reads(tr.bash("sort ./*.txt")) {
		t.Error("./*.txt is fine")
	}
	tr.link(tr.outside, "z.txt")
	if reads(tr.bash("cat *.txt")) {
		t.Error("a match that leads outside")
	}
	if ev := tr.bash("cat [[:alpha:]]*"); !slices.Contains(ev.Unknown, "tool.paths") {
		t.Error("a pattern that is not expanded is known")
	}
}

// TestBusy: while another call that is no reading runs, paths are unknown.
func TestBusy(t *testing.T) {
	tr := newTree(t)
	tr.write("a.go", "")
	busy := func(e *pipeline.Event) { e.Session.Busy = true }
	for _, ev := range []*pipeline.Event{tr.bash("cat a.go", busy), tr.facts("Read", map[string]any{"file_path": "a.go"}, busy)} {
		if !slices.Contains(ev.Unknown, "tool.paths") {
			t.Errorf("%s: unknown %v", ev.Tool.Name, ev.Unknown)
		}
	}
}

// TestWrittenScripts (S6): a script that the agent wrote is opaque when run.
func TestWrittenScripts(t *testing.T) {
	tr := newTree(t)
	wrote := func(e *pipeline.Event) { e.Session.Wrote = []string{tr.dir + "/x.sh", tr.dir + "/sub/y.py"} }
	for _, c := range []string{"bash x.sh", "./x.sh", "sh ./x.sh", tr.dir + "/x.sh", "cd sub && python3 y.py", "python3 sub/y.py", "sudo bash x.sh", "cd sub; ../x.sh", "make", "npm run x"} {
		if ev := tr.bash(c, wrote); !ev.Tool.Opaque {
			t.Errorf("%s: not opaque", c)
		}
	}
	if ev := tr.bash("bash other.sh", wrote); ev.Tool.Opaque || ev.Tool.Commands[0].Class != pipeline.ClassExec {
		t.Errorf("other.sh: %+v", ev.Tool)
	}
}

// TestGitMayRun (G1): git is reading only in the session's own repository, and
// only while its configuration and attributes name nothing that runs.
func TestGitMayRun(t *testing.T) {
	fresh := func(t *testing.T) tree {
		tr := newTree(t)
		tr.git("init", "-q")
		tr.write("a.go", "x")
		tr.git("add", "a.go")
		tr.git("commit", "-qm", "x")
		return tr
	}
	tr := fresh(t)
	tr.write("sub/b", "")
	for _, c := range []string{"git status", "git log -3", "git -C sub status", "cd sub && git diff", "git diff -- a.go", "git show HEAD:a.go", "git show HEAD -- a.go", "git grep x"} {
		if !reads(tr.bash(c)) {
			t.Errorf("%s is no reading in a clean repository", c)
		}
	}
	for _, c := range []string{"git show HEAD -- sub", "git -C " + tr.outside + " status"} {
		if reads(tr.bash(c)) {
			t.Errorf("%s is reading", c)
		}
	}
	for name, spoil := range map[string]func(tree){
		"fsmonitor":     func(tr tree) { tr.git("config", "core.fsmonitor", "./x.sh") },
		"external diff": func(tr tree) { tr.git("config", "diff.external", "./x.sh") },
		"textconv":      func(tr tree) { tr.git("config", "diff.x.textconv", "./x.sh") },
		"filter":        func(tr tree) { tr.git("config", "filter.x.clean", "./x.sh") },
		"pager":         func(tr tree) { tr.git("config", "core.pager", "./x.sh") },
		"alias":         func(tr tree) { tr.git("config", "alias.x", "!./x.sh") },
		"include":       func(tr tree) { tr.git("config", "include.path", "../x") },
		"worktree":      func(tr tree) { tr.git("config", "core.worktree", tr.outside) },
		"hook":          func(tr tree) { tr.write(".git/hooks/post-index-change", "#!/bin/sh\n") },
		"hooksPath":     func(tr tree) { tr.git("config", "core.hooksPath", "h"); tr.write("h/post-index-change", "") },
		"global":        func(tr tree) { tr.write(tr.home+"/.gitconfig", "[core]\n\tfsmonitor = ./x.sh\n") },
		"global include": func(tr tree) {
			tr.write(tr.home+"/.gitconfig", "[include]\npath = ~/more\n")
			tr.write(tr.home+"/more", "[diff]external=x\n")
		},
		"submodules":     func(tr tree) { tr.write(".gitmodules", "") },
		"one line":       func(tr tree) { tr.write(".git/config", "[core] fsmonitor = ./x.sh\n") },
		"continued line": func(tr tree) { tr.write(".git/config", "[core]\nfsmon\\\nitor = ./x.sh\n") },
	} {
		tr := fresh(t)
		if !reads(tr.bash("git status")) {
			t.Fatalf("%s: not reading before", name)
		}
		spoil(tr)
		if reads(tr.bash("git status")) {
			t.Errorf("%s: git status is still reading", name)
		}
	}
}

// TestPlantedRepository: a repository made by four harmless writes is not the
// session's own.
func TestPlantedRepository(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	tr.write("d/HEAD", "ref: refs/heads/main\n")
	tr.write("d/config", "[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = ./x.sh\n")
	tr.write("d/objects/x", "")
	tr.write("d/refs/x", "")
	for _, c := range []string{"git -C d status", "cd d && git status", "cd d; git log"} {
		if reads(tr.bash(c)) {
			t.Errorf("%s is reading", c)
		}
	}
	tr.write("e/.git", "gitdir: ../d\n")
	if reads(tr.bash("git -C e status")) {
		t.Error("a .git file leads to a planted repository")
	}
	if !reads(tr.bash("git status")) {
		t.Error("the session's own is still fine")
	}
}

// TestTrackedSecrets: git diff and git grep show tracked credential files.
func TestTrackedSecrets(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	tr.write("a.go", "x")
	tr.write("conf/.env", "x")
	tr.git("add", ".")
	for c, want := range map[string]bool{"git diff": false, "git grep x": false, "git diff -- a.go": true, "git diff --stat": true, "git status": true, "git diff -- conf": false} {
		if got := reads(tr.bash(c)); got != want {
			t.Errorf("%s: reads %v", c, got)
		}
	}
	tr.git("update-index", "--index-version", "4")
	if reads(tr.bash("git diff")) {
		t.Error("version 4 of the index is not read")
	}
}

// TestTooManyPaths: beyond 512 paths they are unknown.
func TestTooManyPaths(t *testing.T) {
	tr := newTree(t)
	ev := tr.bash("cat " + strings.Repeat("a ", 100) + strings.TrimSpace(func() string {
		var b strings.Builder
		for i := range 600 {
			b.WriteString(" f" + string(rune('a'+i%26)) + strings.Repeat("x", i/26))
		}
		return b.String()
	}()))
	if !slices.Contains(ev.Unknown, "tool.paths") || len(ev.Tool.Paths) > 512 {
		t.Errorf("%d paths, unknown %v", len(ev.Tool.Paths), ev.Unknown)
	}
}

func BenchmarkFacts(b *testing.B) {
	dir := b.TempDir()
	paths := NewPaths(Disk{}, dir)
	b.ReportAllocs()
	for b.Loop() {
		ev := &pipeline.Event{Kind: pipeline.KindTool}
		ev.Session.Dir, ev.Tool.Cwd, ev.Tool.Name = dir, dir, "Bash"
		ev.Tool.Input = map[string]any{"command": "grep -n foo a.go && cat a.go b.go | head"}
		fillAll(ev, paths, dir)
	}
}
