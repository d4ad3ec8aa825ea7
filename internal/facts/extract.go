package facts

import (
	"strings"

	"ctpipe/internal/rules"
	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// Extraction is what the input of a call names, before anyone looks at the disk.
// It is for one event.
type Extraction struct {
	facts  shell.Facts // of its command lines
	paths  []shell.Path
	hosts  []string
	sql    pipeline.SQL
	filter string // which names of a tree are searched
	opaque string // why something stays hidden
	// Which of the facts nobody can establish.
	noCommands, noPaths, noHosts bool
}

// Extract reads a call's input by the table of tools. For a tool that is not in
// it, and for an MCP tool that mcp does not declare, commands, paths and hosts
// are unknown: never empty. home is what ~ stands for in the agent's shell; with
// "" it is a word like one that only the shell knows. The event is not changed.
func Extract(ev *pipeline.Event, home string, mcp ...rules.MCP) *Extraction {
	t := &ev.Tool
	e := &Extraction{facts: shell.Empty()}
	row, ok := tools[t.Name]
	if !ok {
		if m, declared := rules.FindMCP(mcp, t.Name); declared {
			e.declared(m, ev)
		} else {
			e.unknownTool(t)
		}
		return e
	}
	for _, f := range row {
		value, present := lookup(t.Input, f.name)
		if !present {
			if f.required {
				e.missing(f)
			}
			continue
		}
		text, isText := value.(string)
		if !isText {
			e.missing(f)
			continue
		}
		e.field(f, text, ev, home)
	}
	finishTool(e, t)
	return e
}

// lookup finds a field, or one inside an object: "ws.url".
func lookup(input map[string]any, name string) (any, bool) {
	outer, inner, nested := strings.Cut(name, ".")
	v, ok := input[outer]
	if !nested || !ok {
		return v, ok
	}
	m, isMap := v.(map[string]any)
	if !isMap {
		return v, ok
	}
	v, ok = m[inner]
	return v, ok
}

func (e *Extraction) field(f toolField, text string, ev *pipeline.Event, home string) {
	cwd := cwdOf(ev)
	switch f.role {
	case asCommand:
		e.facts = shell.Analyze(text, shell.Options{Cwd: cwd, Home: home, Wrote: ev.Session.Wrote})
	case asRead, asWrite, asNames, asTree:
		if text == "" {
			return
		}
		text = homePath(text, home)
		e.paths = append(e.paths, shell.Path{Named: text, Dir: cwd, Cmd: -1, Write: f.role == asWrite,
			Names: f.role == asNames, Recursive: f.role == asTree})
	case asPattern:
		if dir := patternDir(text); dir != "" {
			e.paths = append(e.paths, shell.Path{Named: homePath(dir, home), Dir: cwd, Cmd: -1, Names: true})
		}
		if strings.Contains(text, "..") {
			e.noPaths = true
		}
	case asFilter:
		e.filter = text
	case asURL:
		host, ok := shell.HostOf(text)
		if !ok || host == "" {
			e.opaque = "the host of " + text + " may be read in more than one way"
		}
		if host != "" {
			e.hosts = append(e.hosts, host)
		}
	case asCode:
		e.opaque, e.noCommands, e.noPaths, e.noHosts = "it runs a script of its own", true, true, true
	}
}

// missing says which facts a field that is absent or no text would have given.
func (e *Extraction) missing(f toolField) {
	e.opaque = "the input's " + f.name + " is missing or no text"
	switch f.role {
	case asCommand, asCode:
		e.noCommands, e.noPaths, e.noHosts = true, true, true
	case asURL:
		e.noHosts = true
	default:
		e.noPaths = true
	}
}

func (e *Extraction) unknownTool(t *pipeline.Tool) {
	e.noCommands, e.noPaths, e.noHosts = true, true, true
	e.opaque = "what the tool " + t.Name + " does with its input is not known"
	if _, tool, ok := mcpName(t.Name); ok {
		e.sql = mcpSQL(tool, t.Input)
	}
}

// finishTool adds what depends on several fields at once.
func finishTool(e *Extraction, t *pipeline.Tool) {
	switch t.Name {
	case "Grep":
		if kind, _ := t.Input["type"].(string); kind != "" && e.filter == "" {
			e.filter = "*." + kind
		}
		if len(e.paths) == 0 {
			e.paths = append(e.paths, shell.Path{Named: ".", Dir: t.Cwd, Cmd: -1, Recursive: true})
		}
	case "Glob", "LS":
		if len(e.paths) == 0 {
			e.paths = append(e.paths, shell.Path{Named: ".", Dir: t.Cwd, Cmd: -1, Names: true})
		}
	case "ExitWorktree":
		if action, _ := t.Input["action"].(string); action != "keep" {
			e.opaque = "it removes a worktree"
			e.noPaths = true
		}
	case "EnterWorktree":
		e.noPaths = e.noPaths || len(e.paths) == 0
	}
}

// cwdOf is where the call runs; the session's directory if the call says nothing.
func cwdOf(ev *pipeline.Event) string {
	if ev.Tool.Cwd != "" {
		return ev.Tool.Cwd
	}
	return ev.Session.Dir
}

func homePath(p, home string) string {
	if home != "" && (p == "~" || strings.HasPrefix(p, "~/")) {
		return home + p[1:]
	}
	return p
}

// patternDir is the part of a glob before its first pattern character, down to
// a whole directory; "" for a relative pattern without one.
func patternDir(pattern string) string {
	cut := strings.IndexAny(pattern, "*?[{")
	if cut < 0 {
		return pattern
	}
	slash := strings.LastIndexByte(pattern[:cut], '/')
	switch {
	case slash < 0:
		return ""
	case slash == 0:
		return "/"
	}
	return pattern[:slash]
}
