package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

// benchRules makes n rules as a team would write them: nine of ten name a tool
// or a program.
func benchRules(n int) string {
	var b strings.Builder
	b.WriteString(`[define]
in_tree    = 'len(tool.paths) > 0 and all(tool.paths, .inside)'
only_reads = 'not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .class == "read") and none(tool.paths, .write or not .inside)'
`)
	for i := range n {
		when, then := "", "deny"
		switch i % 10 {
		case 0:
			when = fmt.Sprintf(`any(tool.paths, .base == "secret%d")`, i)
		case 1:
			when, then = `tool.name in ["Read", "Glob", "Grep"] and in_tree or tool.name == "Bash" and only_reads`, "allow"
		case 2:
			when = fmt.Sprintf(`any(tool.commands, .prog == "prog%d" and .sub == "push" and any(.args, # in ["-f", "--force"]))`, i)
		case 3:
			when, then = fmt.Sprintf(`tool.name == "mcp__srv%d__query" and not tool.opaque`, i), "ask"
		case 4:
			when = `any(tool.commands, .prog == "git" and .git.class == "discard") and not session.tainted`
		default:
			when, then = fmt.Sprintf(`any(tool.commands, .prog in ["kubectl%d", "helm%d"] and any(.args, # contains "prod"))`, i, i), "ask"
		}
		fmt.Fprintf(&b, "[[rule]]\nid = \"r%d\"\non = \"tool\"\nwhen = '%s'\nthen = \"%s\"\n", i, when, then)
	}
	return b.String()
}

func benchEvent() *pipeline.Event {
	p := pipeline.Path{Named: "a", Real: "/r/a", Rel: "a", Base: "a", Inside: true}
	return &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash",
		Commands: []pipeline.Command{{Prog: "git", Sub: "log", Args: []string{"-3"}, Class: "read", Text: "git log -3", Git: pipeline.Git{Class: "read"}},
			{Prog: "head", Args: []string{"a"}, Class: "read", Text: "head a"}},
		Paths: []pipeline.Path{p, p}}}
}

func benchJudge(b *testing.B, n int, unknown ...string) {
	set := load(b, benchRules(n))
	ev := benchEvent()
	ev.Unknown = unknown
	set.Judge(ev)
	took := make([]time.Duration, 0, b.N)
	judged := 0
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		judged = set.Judge(ev).Judged
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
	b.ReportMetric(float64(judged), "judged")
	b.ReportMetric(testing.AllocsPerRun(100, func() { set.Judge(ev) })/float64(judged), "allocs/rule")
}

func BenchmarkJudge50(b *testing.B)         { benchJudge(b, 50) }
func BenchmarkJudge100(b *testing.B)        { benchJudge(b, 100) }
func BenchmarkJudge1000(b *testing.B)       { benchJudge(b, 1000) }
func BenchmarkJudge100Unknown(b *testing.B) { benchJudge(b, 100, "tool.commands") }

// TestUnknownAllocations holds the bar: a rule that is judged costs at most
// three allocations, also where it reaches a fact that nobody could establish.
func TestUnknownAllocations(t *testing.T) {
	set := load(t, benchRules(100))
	for _, unknown := range [][]string{nil, {"tool.commands"}, {"tool.commands", "tool.paths", "tool.hosts"}} {
		ev := benchEvent()
		ev.Unknown, ev.Tool.Why = unknown, "the command could not be parsed"
		judged := set.Judge(ev).Judged
		if got := testing.AllocsPerRun(200, func() { set.Judge(ev) }); got > float64(3*judged) {
			t.Errorf("unknown %v: %.0f allocations for %d rules, want at most 3 each", unknown, got, judged)
		}
	}
}

func BenchmarkCompile100(b *testing.B) {
	src := []byte(benchRules(100))
	for b.Loop() {
		f, _ := Parse("rules.toml", src)
		if set, fs := Compile(f, Options{}); set == nil {
			b.Fatal(fs)
		}
	}
}
