package facts

import (
	"testing"

	"ctpipe/pipeline"
)

// A call counts as one that changes nothing only where all of it is
// known to read.
func TestOnlyReads(t *testing.T) {
	read, write := pipeline.Command{Class: pipeline.ClassRead}, pipeline.Command{Class: pipeline.ClassWrite}
	for name, c := range map[string]struct {
		tool    pipeline.Tool
		unknown []string
		want    bool
	}{
		"a file that is read":      {tool: pipeline.Tool{Name: "Read", Paths: []pipeline.Path{{Real: "/a"}}}, want: true},
		"a file that is written":   {tool: pipeline.Tool{Name: "Read", Paths: []pipeline.Path{{Real: "/a", Write: true}}}},
		"an edit without a path":   {tool: pipeline.Tool{Name: "Edit"}},
		"a tool that nobody knows": {tool: pipeline.Tool{Name: "mcp__a__b"}},
		"commands that read":       {tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{read, read}}, want: true},
		"one that does not":        {tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{read, write}}},
		"no command":               {tool: pipeline.Tool{Name: "Bash"}},
		"something hidden":         {tool: pipeline.Tool{Name: "Bash", Opaque: true, Commands: []pipeline.Command{read}}},
		"commands unknown":         {tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{read}}, unknown: []string{"tool.commands"}},
		"paths unknown":            {tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{read}}, unknown: []string{"tool.paths"}, want: true},
	} {
		if got := OnlyReads(&pipeline.Event{Tool: c.tool, Unknown: c.unknown}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, tool := range readingTools {
		if row, ok := tools[tool]; !ok {
			t.Errorf("%s is said to read, and is no tool", tool)
		} else {
			for _, f := range row {
				if f.role == asWrite || f.role == asCommand || f.role == asCode {
					t.Errorf("%s is said to read, and its %s does more", tool, f.name)
				}
			}
		}
	}
}
