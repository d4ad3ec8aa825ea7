package rules

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/diag"
)

// MCPRole says what an argument of an MCP tool is.
type MCPRole string

// The roles. Paths must be absolute to be known: what a relative one is
// relative to, only the server knows.
const (
	MCPCommand MCPRole = "command" // a command line that a shell of this machine runs
	MCPRead    MCPRole = "read"    // a file that is read
	MCPWrite   MCPRole = "write"   // a file that is changed
	MCPTree    MCPRole = "tree"    // a directory that is read with everything below it
	MCPHost    MCPRole = "host"    // an address or host that is talked to
	MCPSQL     MCPRole = "sql"     // SQL statements
	MCPText    MCPRole = "text"    // nothing that a command, path or host is taken from
)

var mcpRoles = []string{string(MCPCommand), string(MCPRead), string(MCPWrite), string(MCPTree), string(MCPHost), string(MCPSQL), string(MCPText)}

// MCPArg is the role of one argument.
type MCPArg struct {
	Role     MCPRole
	Optional bool // written "read?": where a call leaves it out, it names nothing
}

// MCP is one [[mcp]]: what the arguments of an MCP tool are. A call whose
// arguments all have a role is not opaque.
type MCP struct {
	Tool string // mcp__server__tool, as Claude names it; with a * at its end all whose names begin so
	Args map[string]MCPArg
	Pos  Pos
}

// FindMCP gives what is declared for a tool: by its name, or else by the
// longest pattern. A * stands for no part with __ in it, since nobody could say
// whether that is the tool's name or the server's.
func FindMCP(list []MCP, tool string) (MCP, bool) {
	best, found := MCP{}, false
	for _, m := range list {
		begin, pattern := strings.CutSuffix(m.Tool, "*")
		switch {
		case m.Tool == tool:
			return m, true
		case !pattern || !strings.HasPrefix(tool, begin):
			continue
		case len(tool) == len(begin) || strings.Contains(tool[len(begin):], "__") || tool[len(begin)] == '_' && strings.HasSuffix(begin, "_"):
			continue
		case !found || len(m.Tool) > len(best.Tool):
			best, found = m, true
		}
	}
	return best, found
}

// MCP is what the file declares of MCP tools; nil for a nil set.
func (s *Set) MCP() []MCP {
	if s == nil {
		return nil
	}
	return s.file.MCP
}

func (d *decoder) mcps(f *File, ts []*table) {
	seen := map[string]bool{}
	for _, t := range ts {
		m := MCP{Tool: t.text("tool"), Pos: t.here(), Args: map[string]MCPArg{}}
		switch problem := mcpToolProblem(m.Tool); {
		case t.v["tool"] == nil:
			d.add(diag.Error, "missing-key", m.Pos, "", "[[mcp]] wants tool, as Claude names it: mcp__server__tool")
		case m.Tool != "" && problem != "":
			t.badValue("tool", "", "is %q; %s", clip(m.Tool), problem)
		case m.Tool != "" && seen[m.Tool]:
			d.add(diag.Error, "duplicate-id", t.valueAt("tool"), "", "the arguments of %q are declared twice", m.Tool)
		}
		seen[m.Tool] = true
		if args := t.sub("args"); args.v != nil {
			d.mcpArgs(&m, args)
		} else if t.v["args"] == nil {
			d.add(diag.Error, "missing-key", m.Pos, "", `[[mcp]] wants args, the role of each argument: args = { path = "read" }`)
		}
		t.also = map[string]string{"server": "the server's name is part of tool: mcp__server__tool",
			"name": "a tool is named by tool: mcp__server__tool"}
		t.done()
		f.MCP = append(f.MCP, m)
	}
}

// mcpToolProblem says what is wrong with a tool's name, or "".
func mcpToolProblem(name string) string {
	rest, ok := strings.CutPrefix(name, "mcp__")
	server, tool, two := strings.Cut(rest, "__")
	switch {
	case !ok || !two || server == "" || tool == "":
		return "want a name like mcp__server__tool"
	case strings.Contains(strings.TrimSuffix(name, "*"), "*"):
		return "a * may only stand at its end"
	case strings.ContainsFunc(strings.TrimSuffix(name, "*"), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}):
		return "Claude writes the names of servers and tools with letters, digits, _ and - only"
	}
	return ""
}

func (d *decoder) mcpArgs(m *MCP, t *table) {
	single := map[MCPRole]string{}
	for _, name := range t.keys() {
		if !t.has(name, strings.Join(mcpRoles, " | ")) {
			continue
		}
		text, ok := t.v[name].(string)
		if !ok {
			t.bad(name, "one of "+strings.Join(mcpRoles, ", "))
			continue
		}
		role, optional := strings.CutSuffix(text, "?")
		if !slices.Contains(mcpRoles, role) {
			t.badValue(name, diag.Suggest(role, mcpRoles), "is %q; want one of %s", clip(text), strings.Join(mcpRoles, ", "))
			continue
		}
		arg := MCPArg{Role: MCPRole(role), Optional: optional}
		if first := single[arg.Role]; first != "" {
			d.add(diag.Error, "conflict", t.valueAt(name), "", "%s and %s are both %q; only one argument can be", first, name, role)
		}
		if arg.Role == MCPCommand || arg.Role == MCPSQL {
			single[arg.Role] = name
		}
		m.Args[name] = arg
	}
}

// mcpLoosened compares the declarations of two files. Each change counts, in
// either direction: a declared call is no longer opaque, and of one that no
// longer is, a deny rule no longer knows what it names.
func mcpLoosened(old, next []MCP) []string {
	var out []string
	find := func(list []MCP, tool string) (MCP, bool) {
		i := slices.IndexFunc(list, func(m MCP) bool { return m.Tool == tool })
		if i < 0 {
			return MCP{}, false
		}
		return list[i], true
	}
	for _, m := range next {
		was, known := find(old, m.Tool)
		switch {
		case !known:
			out = append(out, fmt.Sprintf("[[mcp]] %s added", m.Tool))
		case !sameArgs(was.Args, m.Args):
			out = append(out, fmt.Sprintf("[[mcp]] %s changed", m.Tool))
		}
	}
	for _, m := range old {
		if _, still := find(next, m.Tool); !still {
			out = append(out, fmt.Sprintf("[[mcp]] %s removed", m.Tool))
		}
	}
	return out
}

func sameArgs(a, b map[string]MCPArg) bool {
	if len(a) != len(b) {
		return false
	}
	for name, arg := range a {
		if other, ok := b[name]; !ok || other != arg {
			return false
		}
	}
	return true
}
