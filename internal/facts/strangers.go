package facts

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// ReadsStrangers reports a call by which Claude comes to read what somebody
// outside may have written: a page, a search, a download, the answer of an MCP
// server. What a program does that nobody can see into is not among it.
func ReadsStrangers(ev *pipeline.Event) bool {
	t := &ev.Tool
	return t.Name == "WebFetch" || t.Name == "WebSearch" || strings.HasPrefix(t.Name, "mcp__") || len(t.Hosts) > 0 ||
		slices.ContainsFunc(t.Commands, func(c pipeline.Command) bool { return c.Class == pipeline.ClassNet })
}
