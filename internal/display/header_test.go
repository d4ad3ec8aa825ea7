package display

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var whole = Header{
	Version: "0.4.0", Agent: "Claude Code 2.1.8", Dir: "/home/user/repo-worktrees/feat/x", Owner: "ana", Branch: "main", Worktree: "feat/x",
	WorktreeFrom: "/home/user/repo", Participants: []string{"bo", "cleo"}, Session: 1, MaxSessions: 5, ID: "a7c22dd3-d3c1-4b8b-b2a4-66b9319d1dcc",
	Permissions: Interactive, Chrome: true, Model: "claude-opus-5-5", ContextUsed: 46000, ContextSize: 200000, Cost: 0.0712, Rules: "3f2a41",
	Grants: []string{"Bash", "Edit | Write"}, ClaudeMD: "0123456789abcdef", Warnings: []string{"no allowed_users: anyone in this channel may use Claude"},
}

// Every row of the reference's header, in its order and words, and those of
// today; without what is not known only the four that always are.
func TestHeader(t *testing.T) {
	o := Options{Home: "/home/user", Tree: "/home/user/repo-worktrees/feat/x", Branch: "feat/x"}
	golden(t, "testdata/header.md", whole.Markdown(o)+"\n\n"+Header{Version: "1.0.0", Owner: "ana", Dir: "/srv", Session: 2, MaxSessions: 5, Permissions: Bypass}.Markdown(o)+"\n")
}

// FUN-16: the share of the context is never below 0 nor above 100 percent.
func TestContextBar(t *testing.T) {
	for _, c := range []struct {
		used, size int
		want       string
	}{
		{0, 200000, "🟢 ░░░░░░░░░░ 0% (0 of 200k)"},
		{46000, 200000, "🟢 ▓▓░░░░░░░░ 23% (46k of 200k)"},
		{49, 100, "🟢 ▓▓▓▓▓░░░░░ 49% (49 of 100)"},
		{50, 100, "🟡 ▓▓▓▓▓░░░░░ 50% (50 of 100)"},
		{75, 100, "🟠 ▓▓▓▓▓▓▓▓░░ 75% (75 of 100)"},
		{90, 100, "🔴 ▓▓▓▓▓▓▓▓▓░ 90% (90 of 100)"},
		{985100, 200000, "🔴 ▓▓▓▓▓▓▓▓▓▓ 100% (985k of 200k)"},
		{-5, 200000, "🟢 ░░░░░░░░░░ 0% (0 of 200k)"},
		{math.MinInt, math.MaxInt, "🟢 ░░░░░░░░░░ 0% (0 of 9223372036854.8M)"},
		{5, 0, ""}, {5, -1, ""},
	} {
		if got := contextBar(c.used, c.size); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.used, c.size, got, c.want)
		}
	}
	for cost, want := range map[float64]string{0: "", -1: "", math.NaN(): "", math.Inf(1): "", 0.001: "< $0.01", 0.07: "$0.07", 12.345: "$12.35"} {
		if got := dollars(cost); got != want {
			t.Errorf("%v: %q, want %q", cost, got, want)
		}
	}
}

// STR-05, C4, D7: whatever the names, branches and paths are, the header is one
// table of two columns with the rows it should have, and pings nobody.
func TestHeaderIsInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := func(what string) string { return hostile().Draw(t, what) }
		head := Header{Version: "1.0.0", Agent: h("agent"), Dir: h("dir"), Owner: h("owner"), Branch: h("branch"), Worktree: h("worktree"), WorktreeFrom: h("from"),
			Participants: rapid.SliceOfN(hostile(), 0, 30).Draw(t, "people"), ID: h("id"), Permissions: Permissions(h("mode")), Model: h("model"),
			ContextUsed: rapid.Int().Draw(t, "used"), ContextSize: rapid.Int().Draw(t, "size"), Cost: rapid.Float64().Draw(t, "cost"), Rules: h("rules"),
			Grants: rapid.SliceOfN(hostile(), 0, 30).Draw(t, "grants"), ClaudeMD: h("hash"), Warnings: rapid.SliceOfN(hostile(), 0, 3).Draw(t, "warnings")}
		post := head.Markdown(Options{Home: "/home/user"})
		inert(t, post)
		rows := 0
		for _, row := range head.rows(Options{Home: "/home/user"}) {
			if row[1] != "" {
				rows++
			}
		}
		nodes := walk(t, []byte(post), post)
		if nodes["Table"] != 1 || nodes["TableRow"] != rows || nodes["TableCell"] != 2*(rows+1) || nodes["Paragraph"] != 1 {
			t.Fatalf("%v for %d rows:\n%s", nodes, rows, post)
		}
		if n := len(strings.Split(post, "\n")); n != 4+rows {
			t.Fatalf("%d lines for %d rows:\n%s", n, rows, post)
		}
	})
}
