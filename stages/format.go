package stages

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// newFormat makes a block inert and as short as its style says: the style that a
// rule or a hook gives, else what the thread wants to see. What is cut here is all
// that is cut: the session posts what comes out. Text that ctpipe itself composed
// around foreign parts is already inert.
func newFormat(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if style, text, ok := r.Forms.Pick(r.Settings.Style, r.Event.Show.Verbosity); ok {
			composed(r, style, text)
			return nil
		}
		text := r.Text()
		if what := r.Event.Show.What; what == "text" || what == "thinking" || what == "plan" {
			text = markdown.Inert(text)
		}
		r.Shown.Style = styleOf(r)
		set := r.Settings
		if r.Forms.Call { // a hook gave it another text, of all that there is
			set.Style = r.Shown.Style
		}
		text = closed(shape(text, set)) // redact may have cut a fence's end off
		if text = asStyled(r, text, set); r.Event.Show.What == "thinking" {
			text = thought(text)
		}
		r.SetText(text)
		return nil
	}), nil
}

// composed shows a call in the form that was composed for its style.
func composed(r *pipeline.Run, style, text string) {
	r.Shown.Style = style
	switch {
	case style == "hidden":
		text = ""
	case style == "file":
		r.Shown.Files = r.Forms.Files
	}
	if text != "" {
		text = closed(shape(text, r.Settings))
	}
	r.SetText(text)
}

// thought quotes what Claude thinks: every line stays in the quote.
func thought(text string) string {
	if text == "" {
		return ""
	}
	return "> 💭 " + strings.ReplaceAll(strings.Trim(text, "\n"), "\n", "\n> ")
}

// styleOf is how a block without forms is to be shown. What the thread wants is
// said of calls and of thinking only: answers are never shortened by it.
func styleOf(r *pipeline.Run) string {
	switch {
	case r.Forms.Call:
		style, _, _ := r.Forms.Pick(r.Settings.Style, r.Event.Show.Verbosity)
		return style
	case r.Settings.Style == "" && r.Event.Show.What == "thinking":
		return r.Event.Show.Verbosity
	}
	return r.Settings.Style
}

// asStyled makes the file of a text that a style wants as one, once it is whole,
// and cuts a text as the thread wants it.
func asStyled(r *pipeline.Run, text string, set pipeline.Settings) string {
	style := r.Shown.Style
	switch {
	case style == "file" && r.Event.Show.Final:
		if shorten(text, "fold", set.MaxLines) == text {
			return text
		}
		r.Shown.Files = []pipeline.TextFile{{Name: r.Event.Show.What + ".md", Text: text}}
		first, _, _ := strings.Cut(shorten(text, "line", 0), "\n")
		return first + fmt.Sprintf("\n📎 *%d lines, as a file*", markdown.LineCount(text))
	case style == "file":
		return shorten(text, "fold", set.MaxLines)
	case set.Style == "":
		return shorten(text, style, 0)
	}
	return text
}

// foldLines is what style "fold" shows where no max_lines says more.
const foldLines = 8

// shape applies a show rule's style, max_lines and template. What becomes a
// file stays whole.
func shape(text string, set pipeline.Settings) string {
	text = shorten(text, set.Style, set.MaxLines)
	if set.Template != "" && set.Style != "hidden" {
		text = strings.ReplaceAll(set.Template, "{text}", text)
	}
	return text
}

// shorten is as much of a text as a style shows: "line" the first line, "fold"
// the first most lines, 8 where most is 0, "hidden" nothing; "file" all of it,
// and any other style the first most lines, or all. A mark says how many lines
// were cut.
func shorten(text, style string, most int) string {
	switch style {
	case "hidden":
		return ""
	case "file":
		return text
	case "line":
		most = 1
	case "fold":
		if most == 0 {
			most = foldLines
		}
	}
	if most == 0 {
		return text
	}
	return headLines(text, most)
}

// headLines keeps the first n lines and says how many it cut.
func headLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) <= n {
		return text
	}
	return closed(strings.Join(lines[:n], "\n")) + fmt.Sprintf("\n*… %d more lines*", len(lines)-n+folded(lines[n:]))
}

// closed is text with its last fence closed.
func closed(text string) string {
	open := ""
	for line := range strings.Lines(text) {
		open = markdown.FenceAfter(open, line)
	}
	if open == "" {
		return text
	}
	return strings.TrimRight(text, "\n") + "\n" + markdown.FenceEnd(open)
}

var foldMark = regexp.MustCompile(`^\*… (\d{1,9}) more lines?\*$`)

// folded is how many lines more are missing where marks of an earlier fold are
// among what is cut.
func folded(lines []string) int {
	n := 0
	for _, line := range lines {
		if m := foldMark.FindStringSubmatch(line); m != nil {
			k, _ := strconv.Atoi(m[1])
			n += k - 1 // the mark itself was counted as a line
		}
	}
	return n
}
