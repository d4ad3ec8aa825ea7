package stages

import (
	"strings"

	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// mcpName splits mcp__server__tool.
func mcpName(name string) (server, tool string, ok bool) {
	rest, ok := strings.CutPrefix(name, "mcp__")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "__")
}

// mcpSQL classifies the statement that an SQL tool is given.
func mcpSQL(tool string, input map[string]any) pipeline.SQL {
	name := strings.ToLower(tool)
	if !strings.HasSuffix(name, "execute_sql") && !strings.HasSuffix(name, "query") && !strings.HasSuffix(name, "run_sql") {
		return pipeline.SQL{}
	}
	for _, field := range []string{"query", "sql", "statement"} {
		if text, ok := input[field].(string); ok {
			return shell.ClassifySQL(text)
		}
	}
	return pipeline.SQL{Class: "unknown"}
}
