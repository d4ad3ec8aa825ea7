package stages

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/pipeline"
)

// newFormat makes a block inert and as short as its style says. Text that
// ctpipe itself composed around foreign parts is already inert.
func newFormat(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		text := r.Text()
		if what := r.Event.Show.What; what == "text" || what == "thinking" || what == "plan" {
			text = Inert(text)
		}
		r.SetText(shape(text, r.Settings))
		return nil
	}), nil
}

// shape applies a show rule's style, max_lines and template.
func shape(text string, set pipeline.Settings) string {
	limit := set.MaxLines
	if set.Style == "line" {
		limit = 1
	}
	switch {
	case set.Style == "hidden":
		return ""
	case limit > 0:
		text = headLines(text, limit)
	}
	if set.Template != "" {
		text = strings.ReplaceAll(set.Template, "{text}", text)
	}
	return text
}

// headLines keeps the first n lines and says how many it cut; a fence that
// the cut leaves open is closed.
func headLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) <= n {
		return text
	}
	kept := lines[:n]
	fence := ""
	for _, line := range kept {
		switch {
		case fence == "":
			fence = FenceMark(line)
		case ClosesFence(line, fence):
			fence = ""
		}
	}
	if fence != "" {
		kept = append(kept[:n:n], fence)
	}
	return strings.Join(kept, "\n") + fmt.Sprintf("\n*… %d more lines*", len(lines)-n)
}
