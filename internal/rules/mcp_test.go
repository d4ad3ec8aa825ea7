package rules

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// S9: a pattern never stands for a tool that could be another server's,
// however names are put together.
func TestMCPPatternsKeepToTheirServer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := func(what string) string { return rapid.StringMatching(`[ab_]{1,6}`).Draw(t, what) }
		server := rapid.StringMatching(`[ab](_?[ab]){0,2}`).Draw(t, "server")
		begin := "mcp__" + server + "__" + rapid.StringMatching(`([ab](_?[ab]){0,2}_?)?`).Draw(t, "begin")
		tool := "mcp__" + part("other server") + "__" + part("tool")
		if rapid.Bool().Draw(t, "of this server") {
			tool = begin + part("rest")
		}
		m, found := FindMCP([]MCP{{Tool: begin + "*"}}, tool)
		if !found {
			return
		}
		if m.Tool != begin+"*" || !strings.HasPrefix(tool, begin) {
			t.Fatalf("%s is not %s*", tool, begin)
		}
		rest := strings.TrimPrefix(tool, "mcp__")
		for i := 1; i+2 < len(rest); i++ {
			if rest[i:i+2] == "__" && rest[:i] != server {
				t.Fatalf("%s* stands for %s, which could be of the server %s", begin, tool, rest[:i])
			}
		}
	})
}

// The exact name goes first, then the longest pattern, in whatever order.
func TestFindMCP(t *testing.T) {
	list := []MCP{{Tool: "mcp__a__*"}, {Tool: "mcp__a__list_*"}, {Tool: "mcp__a__list_x"}, {Tool: "mcp__b__*"}}
	for _, c := range []struct{ tool, want string }{
		{"mcp__a__list_x", "mcp__a__list_x"}, {"mcp__a__list_y", "mcp__a__list_*"}, {"mcp__a__get", "mcp__a__*"},
		{"mcp__a__", ""}, {"mcp__c__get", ""}, {"Bash", ""}, {"mcp__aa__get", ""},
	} {
		for range 2 {
			if m, _ := FindMCP(list, c.tool); m.Tool != c.want {
				t.Errorf("%s: %q, want %q", c.tool, m.Tool, c.want)
			}
			for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
				list[i], list[j] = list[j], list[i]
			}
		}
	}
}
