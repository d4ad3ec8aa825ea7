package facts

import (
	"slices"

	"ctpipe/pipeline"
)

// readingTools only look at files and at Claude's own state.
var readingTools = []string{
	"Read", "Glob", "Grep", "ToolSearch", "TaskList", "TaskGet", "TaskCreate", "TaskUpdate", "TodoWrite",
	"ListAgents", "CronList", "ReportFindings", "EnterPlanMode", "ExitPlanMode", "AskUserQuestion", "WebSearch",
}

// OnlyReads reports that a call certainly changes nothing, so that what is
// known of other calls' paths stays true while it runs.
func OnlyReads(ev *pipeline.Event) bool {
	t := &ev.Tool
	if slices.ContainsFunc(t.Paths, func(p pipeline.Path) bool { return p.Write }) {
		return false
	}
	if t.Name != "Bash" {
		return slices.Contains(readingTools, t.Name)
	}
	return !t.Opaque && len(t.Commands) > 0 && !slices.Contains(ev.Unknown, "tool.commands") &&
		!slices.ContainsFunc(t.Commands, func(c pipeline.Command) bool { return c.Class != pipeline.ClassRead })
}
