package display

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/markdown"
)

// own reports tools that have a display of their own in the thread and no line:
// the task list, questions and plans.
func own(name string) bool {
	return taskTool(name) || name == "AskUserQuestion" || name == "ExitPlanMode"
}

// Call shows a tool call that has not ended: one line that names it, and below
// it what it is going to do, if that is known (the command of several lines, the
// new file, the diff of what is replaced). It is "" for tools that have a display
// of their own and where Options hide it. A nil or broken input gives a line
// without details.
func Call(name string, input map[string]any, o Options) string {
	if own(name) {
		return ""
	}
	return viewOf(name, input, o).text(o)
}

// CallHead names a call in one line, also one that has no display of its own.
func CallHead(name string, input map[string]any, o Options) string {
	o.Verbosity = Line
	if head := Call(name, input, o); head != "" {
		return head
	}
	return "● **" + markdown.Plain(name) + "**"
}

// args are the fields of a tool's input, of whatever type Claude gave them.
type args map[string]any

func (a args) str(keys ...string) string {
	for _, key := range keys {
		if s, ok := a[key].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func (a args) flag(key string) bool { v, _ := a[key].(bool); return v }

func (a args) number(key string) (int, bool) {
	switch v := a[key].(type) {
	case float64:
		return int(v), true
	case int:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	}
	return 0, false
}

// without is all fields but those named, as one line of JSON.
func (a args) without(keys ...string) string {
	rest := map[string]any{}
	for k, v := range a {
		if !slices.Contains(keys, k) {
			rest[k] = v
		}
	}
	if len(rest) == 0 {
		return ""
	}
	data, err := json.Marshal(rest) // keys in order
	if err != nil {
		return ""
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
}

// views is how each tool's call looks.
var views = map[string]func(args, Options) view{
	"Bash":          bashView,
	"Read":          readView,
	"Write":         writeView,
	"Edit":          editView,
	"MultiEdit":     editView,
	"NotebookEdit":  notebookView,
	"Glob":          func(a args, o Options) view { return searchView("🔍", "Glob", a, o) },
	"Grep":          func(a args, o Options) view { return searchView("🔎", "Grep", a, o) },
	"LS":            func(a args, o Options) view { return named("📂", "List", o.path(a.str("path"))) },
	"WebFetch":      func(a args, _ Options) view { return named("🌐", "Fetching", address(a.str("url"))) },
	"WebSearch":     func(a args, _ Options) view { return named("🔍", "Searching", code(a.str("query"), inlineRune)) },
	"EnterPlanMode": func(args, Options) view { return view{head: "📋 **Planning...**"} },
	"Agent":         agentView,
	"Task":          agentView,
	"Skill":         skillView,
	"Monitor":       monitorView,
	"TaskStop":      func(a args, _ Options) view { return taskView("⏹️", "Stop", a) },
	"KillShell":     func(a args, _ Options) view { return taskView("⏹️", "Stop", a) },
	"TaskOutput":    func(a args, _ Options) view { return taskView("📤", "Output", a) },
	"BashOutput":    func(a args, _ Options) view { return taskView("📤", "Output", a) },
	"ToolSearch":    func(a args, _ Options) view { return named("🔍", "Tools", code(a.str("query"), inlineRune)) },
}

func viewOf(name string, input map[string]any, o Options) view {
	if show := views[name]; show != nil {
		return show(input, o).warned(input)
	}
	if taskTool(name) {
		return view{head: "📋 **" + name + "**"}
	}
	if rest, ok := strings.CutPrefix(name, "mcp__"); ok {
		return mcpView(rest, input).doubted(args(input).without())
	}
	return named("●", orElse(plain(name, nameRunes), "?"), code(args(input).without(), inlineRune))
}

// named is the head of most calls; detail is already markdown.
func named(icon, name, detail string) view {
	return view{head: strings.TrimRight(icon+" **"+name+"** "+detail, " ")}
}

func bashView(a args, _ Options) view {
	command := strings.TrimRight(normal(a.str("command")), "\n")
	first, _, more := strings.Cut(command, "\n")
	v := named("💻", "Bash", code(first, inlineRune))
	if more || runes(first) > inlineRune {
		if v.short = v.head; more {
			v.short += " …"
		}
		v.head = "💻 **Bash**"
		v.before = []body{{lang: "bash", text: command, lines: outputLines, tail: true, file: "command.sh"}}
	}
	if a.flag("run_in_background") {
		v.note("in the background")
	}
	return v
}

func readView(a args, o Options) view {
	v := named("📄", "Read", o.path(a.str("file_path", "path", "notebook_path")))
	if from, ok := a.number("offset"); ok {
		v.note(fmt.Sprintf("from line %d", from))
	}
	if pages := a.str("pages"); pages != "" {
		v.note("pages " + plain(pages, nameRunes))
	}
	return v
}

func searchView(icon, name string, a args, o Options) view {
	v := named(icon, name, code(a.str("pattern"), inlineRune))
	if where := a.str("path"); where != "" {
		v.head += " in " + o.path(where)
	}
	if glob := a.str("glob", "type"); glob != "" {
		v.head += " · " + code(glob, nameRunes)
	}
	return v
}

func skillView(a args, _ Options) view {
	v := named("🎯", "Skill", code(a.str("skill", "command", "name"), nameRunes))
	if with := a.str("args"); with != "" {
		v.head += " " + code(with, inlineRune)
	}
	return v
}

func monitorView(a args, _ Options) view {
	v := named("👀", "Monitor", plain(a.str("description"), plainRunes))
	if command := a.str("command"); command != "" {
		v.before = []body{{lang: "bash", text: normal(command), lines: outputLines, file: "command.sh"}}
		return v
	}
	if ws, ok := a["ws"].(map[string]any); ok {
		v.head += " " + address(args(ws).str("url"))
	}
	return v
}

// taskView names a background task, by whichever name the CLI's version has.
func taskView(icon, what string, a args) view {
	return named(icon, what, "task "+orElse(code(a.str("task_id", "shell_id", "bash_id"), nameRunes), "?"))
}

func mcpView(rest string, input map[string]any) view {
	server, tool, _ := strings.Cut(rest, "__")
	if server == "claude-in-chrome" {
		return chromeView(tool, input)
	}
	name := orElse(plain(server, nameRunes), "?") + " · " + orElse(plain(tool, nameRunes), "?")
	return named("🔌", name, code(args(input).without(), inlineRune))
}

// address shows where something goes. Letters of its host that only look like
// others are named, as in every other input: see warned.
func address(link string) string { return code(link, inlineRune) }

// telling are the inputs whose letters matter to whoever reads the line.
var telling = []string{"command", "file_path", "path", "notebook_path", "url", "pattern"}

// warned names the letters of a call that may not be what they look like.
func (v view) warned(a args) view {
	var all []string
	for _, key := range telling {
		all = append(all, a.str(key))
	}
	return v.doubted(strings.Join(all, " "))
}

func (v view) doubted(text string) view {
	if odd := markdown.OddLetters(text); odd != "" {
		v.doubt = "⚠️ letters that may not be what they look like: " + odd
	}
	return v
}
