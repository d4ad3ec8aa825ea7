package facts

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"ctpipe/pipeline"
)

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

// TestNamedPlaces: what the fields of a call name, before anybody looks at it:
// the directory in front of a pattern, the home directory behind ~, the host of
// an address within an object.
func TestNamedPlaces(t *testing.T) {
	tr := newTree(t)
	for _, c := range []struct {
		tool  string
		input map[string]any
		want  []string // paths, as named, and hosts
	}{
		{"Glob", map[string]any{"pattern": "*.go"}, []string{"."}},
		{"Glob", map[string]any{"pattern": "src/**/*.go"}, []string{"src"}},
		{"Glob", map[string]any{"pattern": "/etc/*.conf"}, []string{"/etc"}},
		{"Glob", map[string]any{"pattern": "/*"}, []string{"/"}},
		{"Glob", map[string]any{"pattern": "~/.ssh/{a,b}"}, []string{tr.home + "/.ssh"}},
		{"Glob", map[string]any{"pattern": "a", "path": "sub"}, []string{"sub", "a"}},
		{"LS", map[string]any{}, []string{"."}},
		{"Read", map[string]any{"file_path": "~/x"}, []string{tr.home + "/x"}},
		{"Read", map[string]any{"file_path": "~other/x"}, []string{"~other/x"}},
		{"Monitor", map[string]any{"ws": map[string]any{"url": "wss://h.example/x"}}, []string{"h.example"}},
		{"Monitor", map[string]any{"ws": "wss://h.example/x"}, []string{"h.example"}},
		{"WebFetch", map[string]any{"url": "https://h.example/x"}, []string{"h.example"}},
		{"TodoWrite", map[string]any{"path": "x", "url": "https://h.example"}, nil},
	} {
		ev := tr.facts(c.tool, c.input)
		var got []string
		for _, p := range ev.Tool.Paths {
			got = append(got, p.Named)
		}
		if got = append(got, ev.Tool.Hosts...); !slices.Equal(got, c.want) || ev.Tool.Opaque {
			t.Errorf("%s %v: %q, want %q; %s", c.tool, c.input, got, c.want, ev.Tool.Why)
		}
	}
	for tool, input := range map[string]map[string]any{
		"Monitor": {"ws": 7}, "Workflow": {"script": "x()"}, "ExitWorktree": {"action": "remove"}, "WebFetch": {"url": `https://a\@b/`},
	} {
		if ev := tr.facts(tool, input); !ev.Tool.Opaque {
			t.Errorf("%s %v hides nothing", tool, input)
		}
	}
	if ev := tr.facts("Glob", map[string]any{"pattern": "../*"}); !slices.Contains(ev.Unknown, "tool.paths") {
		t.Error("a pattern that leads upwards is known")
	}
}
