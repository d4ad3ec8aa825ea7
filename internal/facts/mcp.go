package facts

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"ctpipe/internal/rules"
	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// mcpName splits mcp__server__tool.
func mcpName(name string) (server, tool string, ok bool) {
	rest, ok := strings.CutPrefix(name, "mcp__")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "__")
}

// mcpSQL classifies the statement that an SQL tool is given.
func mcpSQL(tool string, input map[string]any) pipeline.SQL {
	name := strings.ToLower(tool)
	if !strings.HasSuffix(name, "execute_sql") && !strings.HasSuffix(name, "query") && !strings.HasSuffix(name, "run_sql") {
		return pipeline.SQL{}
	}
	for _, field := range []string{"query", "sql", "statement"} {
		if text, ok := input[field].(string); ok {
			return shell.ClassifySQL(text)
		}
	}
	return pipeline.SQL{Class: "unknown"}
}

// declared reads a call by what [[mcp]] says of its arguments. An argument
// without a role could name anything, so that everything is then unknown.
func (e *Extraction) declared(m rules.MCP, ev *pipeline.Event) {
	in := ev.Tool.Input
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if _, known := m.Args[name]; !known {
			e.hide("its argument " + name + " has no role in [[mcp]]")
			e.noCommands, e.noPaths, e.noHosts = true, true, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Args)) {
		arg := m.Args[name]
		if arg.Role == rules.MCPText || in[name] == nil && arg.Optional {
			continue
		}
		values, ok := mcpTexts(in[name])
		if !ok || (arg.Role == rules.MCPCommand || arg.Role == rules.MCPSQL) && len(values) != 1 {
			e.mcpMissing(name, arg.Role)
			continue
		}
		for _, v := range values {
			e.mcpArg(name, arg.Role, v, ev)
		}
	}
}

// mcpTexts are the texts of an argument: one, or a list of them.
func mcpTexts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		out := make([]string, 0, len(v))
		for _, each := range v {
			s, ok := each.(string)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, len(out) > 0 && len(out) <= shell.MaxPaths
	}
	return nil, false
}

func (e *Extraction) hide(why string) { e.opaque = cmp.Or(e.opaque, why) }

func (e *Extraction) mcpMissing(name string, role rules.MCPRole) {
	e.hide("its argument " + name + " is missing or no text")
	switch role {
	case rules.MCPCommand:
		e.noCommands, e.noPaths, e.noHosts = true, true, true
	case rules.MCPHost:
		e.noHosts = true
	case rules.MCPSQL:
		e.sql = pipeline.SQL{Class: "unknown"}
	default:
		e.noPaths = true
	}
}

func (e *Extraction) mcpArg(name string, role rules.MCPRole, text string, ev *pipeline.Event) {
	switch role {
	case rules.MCPCommand:
		// Where the server runs it, and what ~ is there, is not known.
		e.facts = shell.Analyze(text, shell.Options{Wrote: ev.Session.Wrote})
		if !e.facts.PathsKnown || slices.ContainsFunc(e.facts.Paths, func(p shell.Path) bool { return p.Dir == "" && !path.IsAbs(p.Named) }) {
			e.hide("only the server knows which directory its command runs in")
		}
	case rules.MCPSQL:
		e.sql = shell.ClassifySQL(text)
	case rules.MCPHost:
		host, ok := shell.HostOf(text)
		if !ok || host == "" {
			e.hide("the host of " + text + " may be read in more than one way")
			e.noHosts = e.noHosts || host == ""
		}
		if host != "" {
			e.hosts = append(e.hosts, host)
		}
	default:
		if !path.IsAbs(text) {
			e.hide("only the server knows what the path in " + name + " is relative to")
			e.noPaths = true
			return
		}
		e.paths = append(e.paths, shell.Path{Named: text, Cmd: -1, Write: role == rules.MCPWrite, Recursive: role == rules.MCPTree})
	}
}
