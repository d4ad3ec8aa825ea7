package facts

import (
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// declarations are of a few imaginary servers.
var declarations = []rules.MCP{
	{Tool: "mcp__db__execute_sql", Args: map[string]rules.MCPArg{"query": {Role: rules.MCPSQL}, "note": {Role: rules.MCPText, Optional: true}}},
	{Tool: "mcp__fs__*", Args: map[string]rules.MCPArg{"path": {Role: rules.MCPRead, Optional: true}, "target": {Role: rules.MCPWrite, Optional: true}}},
	{Tool: "mcp__fs__search", Args: map[string]rules.MCPArg{"dir": {Role: rules.MCPTree}}},
	{Tool: "mcp__box__run", Args: map[string]rules.MCPArg{"cmd": {Role: rules.MCPCommand}}},
	{Tool: "mcp__net__get", Args: map[string]rules.MCPArg{"url": {Role: rules.MCPHost}}},
}

// S9: an MCP tool's commands, paths and hosts are known where [[mcp]] says what
// its arguments are, and only then.
func TestMCPArguments(t *testing.T) {
	tr := newTree(t)
	for _, c := range []struct {
		name, tool string
		input      map[string]any
		opaque     bool
		unknown    string
		want       func(*pipeline.Tool) bool
	}{
		{"sql", "mcp__db__execute_sql", map[string]any{"query": "SELECT 1", "note": 7}, false, "",
			func(x *pipeline.Tool) bool { return x.SQL.Class == "read" && len(x.Commands) == 0 }},
		{"sql that drops", "mcp__db__execute_sql", map[string]any{"query": "SELECT 1; DROP TABLE x"}, false, "",
			func(x *pipeline.Tool) bool { return x.SQL.Class == "destroy" }},
		{"no sql", "mcp__db__execute_sql", map[string]any{}, true, "", func(x *pipeline.Tool) bool { return x.SQL.Class == "unknown" }},
		{"sql in a list of two", "mcp__db__execute_sql", map[string]any{"query": []any{"SELECT 1", "DROP TABLE x"}}, true, "",
			func(x *pipeline.Tool) bool { return x.SQL.Class == "unknown" }},
		{"an argument without a role", "mcp__db__execute_sql", map[string]any{"query": "SELECT 1", "file": "/etc/passwd"}, true,
			"tool.commands tool.hosts tool.paths", func(x *pipeline.Tool) bool { return strings.Contains(x.Why, "file has no role") }},
		{"a pattern", "mcp__fs__read_file", map[string]any{"path": tr.dir + "/a.txt"}, false, "",
			func(x *pipeline.Tool) bool { return len(x.Paths) == 1 && x.Paths[0].Inside && !x.Paths[0].Write }},
		{"a write, in a list", "mcp__fs__write", map[string]any{"target": []any{tr.dir + "/.env", "/etc/x"}}, false, "",
			func(x *pipeline.Tool) bool {
				return len(x.Paths) == 2 && x.Paths[0].Secret && x.Paths[0].Write && !x.Paths[1].Inside
			}},
		{"a relative path", "mcp__fs__write", map[string]any{"target": "a.txt"}, true, "tool.paths", nil},
		{"a home path", "mcp__fs__read", map[string]any{"path": "~/.ssh/id_rsa"}, true, "tool.paths", nil},
		{"a file address", "mcp__fs__read", map[string]any{"path": "file:///etc/passwd"}, true, "tool.paths", nil},
		{"a number for a path", "mcp__fs__read", map[string]any{"path": 3.0}, true, "tool.paths", nil},
		{"an empty list", "mcp__fs__read", map[string]any{"path": []any{}}, true, "tool.paths", nil},
		{"null for what may be missing", "mcp__fs__read", map[string]any{"path": nil}, false, "", func(x *pipeline.Tool) bool { return len(x.Paths) == 0 }},
		{"the exact name goes first", "mcp__fs__search", map[string]any{"dir": tr.dir}, false, "",
			func(x *pipeline.Tool) bool { return len(x.Paths) == 1 }},
		{"whose server has __ in it", "mcp__fs__a__b", map[string]any{"path": "/a"}, true, "tool.commands tool.hosts tool.paths", nil},
		{"whose server ends in _", "mcp__fs___read", map[string]any{"path": "/a"}, true, "tool.commands tool.hosts tool.paths", nil},
		{"a command", "mcp__box__run", map[string]any{"cmd": "git push -f origin main"}, false, "",
			func(x *pipeline.Tool) bool { return len(x.Commands) == 1 && x.Commands[0].Git.Push.Force == "force" }},
		{"a command and where", "mcp__box__run", map[string]any{"cmd": "rm -rf build"}, true, "tool.paths",
			func(x *pipeline.Tool) bool { return x.Commands[0].Prog == "rm" }},
		{"a command that hides", "mcp__box__run", map[string]any{"cmd": `eval "$X"`}, true, "", nil},
		{"no command", "mcp__box__run", map[string]any{"cmd": []any{"rm", "-rf"}}, true, "tool.commands tool.hosts tool.paths", nil},
		{"a host", "mcp__net__get", map[string]any{"url": "https://evil.example/x"}, false, "",
			func(x *pipeline.Tool) bool { return slices.Equal(x.Hosts, []string{"evil.example"}) }},
		{"a host read in two ways", "mcp__net__get", map[string]any{"url": `https://a.example\@b.example/`}, true, "*", nil},
		{"no host", "mcp__net__get", map[string]any{}, true, "tool.hosts", nil},
		{"undeclared", "mcp__other__x", map[string]any{}, true, "tool.commands tool.hosts tool.paths", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: tr.dir},
				Tool: pipeline.Tool{Name: c.tool, Input: c.input, Cwd: tr.dir}}
			fillAll(ev, NewPaths(Disk{}, tr.home), tr.home, declarations...)
			got := &ev.Tool
			if got.Opaque != c.opaque {
				t.Errorf("opaque %t: %s", got.Opaque, got.Why)
			}
			for _, fact := range []string{"tool.commands", "tool.hosts", "tool.paths"} {
				if want := strings.Contains(c.unknown, fact); c.unknown != "*" && slices.Contains(ev.Unknown, fact) != want {
					t.Errorf("unknown: %v, want %s", ev.Unknown, c.unknown)
				}
			}
			if c.want != nil && !c.want(got) {
				t.Errorf("%+v", *got)
			}
		})
	}
}
