package main

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

var stagesCommand = declaration{
	name: "stages",
	doc:  "list the stages that events pass",
	do:   printStages,
}

// printStages prints every stage as a Markdown table, which README.md holds too.
func printStages(c *subcommand, args []string) int {
	if code, done := c.parse(args, 0); done {
		return code
	}
	if _, err := io.WriteString(c.stdout, stagesMarkdown()); err != nil {
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
		if len(s.Produces) > 0 {
			doc += "; if it fails, unknown: " + strings.Join(s.Produces, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Role, kindList(s.On), doc)
	}
	b.WriteString("\n| event | its chain; the floor goes before its first gate |\n|---|---|\n")
	for _, k := range pipeline.Kinds {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k, strings.Join(stages.Default[k], " → "))
	}
	b.WriteString(stageOptions())
	return b.String()
}

// stageOptions is the table of what [stage.NAME] may say.
func stageOptions() string {
	var b strings.Builder
	b.WriteString("\n| option | value | what it does |\n|---|---|---|\n")
	for _, s := range stages.All {
		if s.Options == nil {
			continue
		}
		for f := range reflect.TypeOf(s.Options).Fields() {
			fmt.Fprintf(&b, "| `[stage.%s] %s` | %s | %s |\n", s.Name, f.Tag.Get("toml"), rules.OptionType(f.Type), f.Tag.Get("doc"))
		}
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
