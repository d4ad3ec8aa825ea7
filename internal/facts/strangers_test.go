package facts

import (
	"testing"

	"ctpipe/pipeline"
)

func TestReadsStrangers(t *testing.T) {
	for name, c := range map[string]struct {
		tool pipeline.Tool
		want bool
	}{
		"a page":            {pipeline.Tool{Name: "WebFetch"}, true},
		"a search":          {pipeline.Tool{Name: "WebSearch"}, true},
		"a server's tool":   {pipeline.Tool{Name: "mcp__jira__get"}, true},
		"a download":        {pipeline.Tool{Name: "Bash", Hosts: []string{"example.org"}}, true},
		"a push":            {pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{{Prog: "git", Class: pipeline.ClassNet}}}, true},
		"a file":            {pipeline.Tool{Name: "Read"}, false},
		"a command of here": {pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{{Prog: "ls", Class: pipeline.ClassRead}}}, false},
	} {
		if got := ReadsStrangers(&pipeline.Event{Tool: c.tool}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
