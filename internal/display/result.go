package display

import (
	"slices"
	"strings"

	"ctpipe/internal/markdown"
)

// Result shows a call that has ended: the line that Call showed, what it
// changed, how it ended and what it gave. It is "" where Options hide it, and
// for tools that have a display of their own unless the CLI failed to run one. A
// result that is not of the type this package knows shows as if there were none.
func Result(name string, input map[string]any, out Outcome, o Options) string {
	if own(name) && (!taskTool(name) || !out.Failed || out.Refused) {
		return ""
	}
	return viewEnded(name, input, out, o).text(o)
}

// viewEnded is the whole view of a call that has ended.
func viewEnded(name string, input map[string]any, out Outcome, o Options) view {
	v := viewOf(name, input, o)
	v.last = ""
	switch {
	case out.Refused:
		v.refused(out)
	case name == "Bash":
		bashEnded(&v, out, o)
	case out.Failed:
		v.failed("Error", out.said(), out)
	default:
		if secs := secs(out.Took); secs != "" {
			v.end = "✓" + secs
		}
		if show := endings[name]; show != nil {
			show(&v, input, out, o)
		} else {
			v.gave(out)
		}
	}
	return v
}

// endings is what each tool's result adds to its call.
var endings = map[string]func(*view, args, Outcome, Options){
	"Read":         readEnded,
	"Write":        fileEnded,
	"Edit":         fileEnded,
	"MultiEdit":    fileEnded,
	"NotebookEdit": notebookEnded,
	"Glob":         globEnded,
	"Grep":         grepEnded,
	"WebFetch":     fetchEnded,
	"WebSearch":    searchEnded,
	"Agent":        agentEnded,
	"Task":         agentEnded,
	"TaskOutput":   outputEnded,
	"BashOutput":   outputEnded,
}

func (v *view) refused(out Outcome) {
	switch {
	case out.interrupted() && strings.Contains(out.Text, "stopped while running"):
		v.end = "⏹️ Interrupted" + secs(out.Took)
		return
	case out.interrupted():
		v.end = "⏹️ Not run: interrupted"
		return
	}
	v.end = "🚫 Not run"
	if why := plain(out.said(), plainRunes); why != "" {
		v.end += ": " + why
	}
}

// failed says how a call failed: in its line if that is short, below it if not.
func (v *view) failed(how, text string, out Outcome) {
	v.end = "❌ " + how + secs(out.Took)
	text = strings.TrimRight(normal(text), "\n")
	switch {
	case text == "":
	case !strings.Contains(text, "\n") && runes(text) <= inlineRune:
		v.end += ": " + code(text, inlineRune)
	default:
		first, _, _ := strings.Cut(text, "\n")
		v.hint = ": " + code(first, inlineRune)
		v.after = append(v.after, body{text: text, lines: outputLines, tail: true, file: "error.txt"})
	}
}

// gave shows what a tool answered, to those who want to see all.
func (v *view) gave(out Outcome) {
	v.after = append(v.after, body{text: normal(out.Text), lines: outputLines, tail: true, full: true, file: "result.txt"})
}

// Kind is what a call's display mainly is, as a show rule names it: "diff" for
// a change of a file, "result" where something that the call gave is shown,
// "tool" for its line. A nil outcome is a call that has not ended.
func Kind(name string, input map[string]any, out *Outcome) string {
	var v view
	if out != nil {
		v = viewEnded(name, input, *out, Options{})
	} else {
		v = viewOf(name, input, Options{})
	}
	switch name {
	case "Edit", "MultiEdit", "Write", "NotebookEdit":
		if visibly(v.before) {
			return "diff"
		}
	}
	if visibly(v.after) {
		return "result"
	}
	return "tool"
}

// visibly reports that one of the bodies is shown without being asked for.
func visibly(bodies []body) bool {
	return slices.ContainsFunc(bodies, func(b body) bool { return !b.full && strings.TrimSpace(b.text) != "" })
}

// Folded is a text in a code block, by its beginning and end where it is long.
func Folded(text string) string {
	return markdown.Inert(body{text: normal(text), lines: outputLines, tail: true}.show(Options{room: fullRunes}))
}
