package stages_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// fiftyRules is a rules.toml in which every rule looks at commands or paths.
func fiftyRules() string {
	var b strings.Builder
	b.WriteString("default = { tool = \"ask\", show = \"allow\", opaque = \"ask\" }\n")
	for i := range 50 {
		when := []string{
			fmt.Sprintf(`any(tool.commands, .prog == "prog%d" and any(.args, # in ["-f", "--force"]))`, i),
			fmt.Sprintf(`any(tool.paths, .base matches "^secret%d" and .write)`, i),
			fmt.Sprintf(`tool.name == "Bash" and any(tool.commands, .text contains "word%d")`, i),
			fmt.Sprintf(`tool.name in ["Edit", "Write"] and any(tool.paths, .rel startsWith "dir%d/")`, i),
		}[i%4]
		fmt.Fprintf(&b, "[[rule]]\nid = \"rule-%d\"\non = \"tool\"\nwhen = '%s'\nthen = %q\n", i, when, []string{"ask", "deny"}[i%2])
	}
	return b.String()
}

// BenchmarkToolRun passes tool calls through the whole chain of a policy with
// 50 rules, as it is built from a file. The bar is 250 µs for 99 of 100.
func BenchmarkToolRun(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "rules.toml")
	if err := os.WriteFile(path, []byte(fiftyRules()), 0o600); err != nil {
		b.Fatal(err)
	}
	l := &policy.Loader{Path: path, Getenv: func(string) (string, bool) { return "", false },
		Stage: stages.Build{Seen: stages.NewMemory(16)}, Protected: []string{filepath.Join(dir, "state")}}
	p, _, findings := l.Load()
	if p == nil {
		for _, f := range findings {
			if f.Level == diag.Error {
				b.Log(f.String())
			}
		}
		b.Fatal("the generated policy does not load")
	}
	for name, tool := range map[string]pipeline.Tool{
		"short": {Name: "Bash", Input: map[string]any{"command": "go build ./..."}},
		"long":  {Name: "Bash", Input: map[string]any{"command": "cd sub && go test ./... 2>&1 | tail -20; cat a.txt b.txt | sort -u > out.txt && rm -rf build/x"}},
		"edit":  {Name: "Edit", Input: map[string]any{"file_path": filepath.Join(dir, "main.go"), "old_string": "a", "new_string": "b"}},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: dir}, Tool: tool}
				ev.Tool.Cwd, ev.Tool.Requesters = dir, []pipeline.User{{ID: "u", Active: true}}
				began := time.Now()
				r := p.Snapshot.Judge(context.Background(), ev)
				took = append(took, time.Since(began))
				if v, _ := r.Verdict(); v != pipeline.Ask || r.Failed != nil || len(r.Effects()) != 1 {
					b.Fatalf("%v %v", v, r.Failed)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
