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

// newFormat makes a block inert and as short as its style says. Text that
// ctpipe itself composed around foreign parts is already inert.
func newFormat(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		text := r.Text()
		if what := r.Event.Show.What; what == "text" || what == "thinking" || what == "plan" {
			text = markdown.Inert(text)
		}
		r.SetText(closed(shape(text, r.Settings))) // redact may have cut a fence's end off
		return nil
	}), nil
}

// foldLines is what style "fold" shows where no max_lines says more.
const foldLines = 8

// shape applies a show rule's style, max_lines and template. What becomes a
// file stays whole: the session makes the file of it.
func shape(text string, set pipeline.Settings) string {
	text = Shorten(text, set.Style, set.MaxLines)
	if set.Template != "" && set.Style != "hidden" {
		text = strings.ReplaceAll(set.Template, "{text}", text)
	}
	return text
}

// Shorten is as much of a text as a style shows: "line" the first line, "fold"
// the first most lines, 8 where most is 0, "hidden" nothing; "file" all of it,
// and any other style the first most lines, or all. A mark says how many lines
// were cut.
func Shorten(text, style string, most int) string {
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
