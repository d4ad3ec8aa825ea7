package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctpipe/pipeline"
	"ctpipe/stages"
)

// stageTable prints every stage as a Markdown table, which README.md holds too.
func stageTable(args []string, stdout, stderr io.Writer) int {
	c := newSubcommand("stages", nil, stdout, stderr)
	if code, done := c.parse(args, 0); done {
		return code
	}
	if _, err := io.WriteString(stdout, stagesMarkdown()); err != nil {
		return c.bad(err)
	}
	return exitOK
}

// stagesMarkdown is the table of all stages: what each does, to which kinds of
// events, and whether it stands in the chain where [pipeline] names none.
func stagesMarkdown() string {
	var b strings.Builder
	b.WriteString("| stage | role | events | what it does |\n|---|---|---|---|\n")
	for _, s := range stages.All {
		doc := s.Doc
		if len(s.Owes) > 0 {
			doc += "; if it fails, unknown: " + strings.Join(s.Owes, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Role, kindList(s.On), doc)
	}
	b.WriteString("\n| event | its chain, behind the floor |\n|---|---|\n")
	for _, k := range pipeline.Kinds {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k, strings.Join(stages.Default[k], " → "))
	}
	return b.String()
}

func kindList(kinds []pipeline.Kind) string {
	if len(kinds) == len(pipeline.Kinds) {
		return "all"
	}
	var out []string
	for _, k := range pipeline.Kinds {
		if slices.Contains(kinds, k) {
			out = append(out, string(k))
		}
	}
	return strings.Join(out, ", ")
}
