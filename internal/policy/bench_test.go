package policy

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// BenchmarkVerdict passes tool calls through the whole chain, facts gathered
// from the real file system, under 50, 100 and 1000 rules; testdata/bench holds
// rules and calls. The bars: 250 µs for 99 of 100 calls with 50 rules, 150 µs
// for two commands with 100, 500 µs with 1000.
func BenchmarkVerdict(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the daemon runs
	for _, n := range []int{50, 100, 1000} {
		p := benchPolicy(b, n)
		for _, call := range benchCalls(b) {
			b.Run(fmt.Sprintf("%d rules/%s", n, call.Name), func(b *testing.B) { benchVerdict(b, p, call) })
		}
	}
}

type benchCall struct {
	Name  string
	Tool  string
	Input map[string]any
}

func benchCalls(b *testing.B) []benchCall {
	b.Helper()
	f, err := os.Open("testdata/bench/events.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var calls []benchCall
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c benchCall
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			b.Fatal(err)
		}
		calls = append(calls, c)
	}
	return calls
}

func benchPolicy(b *testing.B, rules int) *Policy {
	b.Helper()
	l := &Loader{Path: fmt.Sprintf("testdata/bench/rules_%d.toml", rules), Getenv: func(string) (string, bool) { return "", false },
		Stage: stages.Build{Seen: stages.NewMemory(16)}}
	p, _, findings := l.Load()
	if p == nil {
		errs, _ := diag.Count(findings)
		b.Fatalf("%d errors, the first: %v", errs, findings[0])
	}
	return p
}

func benchVerdict(b *testing.B, p *Policy, call benchCall) {
	dir := b.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: dir},
			Tool: pipeline.Tool{Name: call.Tool, Input: call.Input, Cwd: dir, Requesters: []pipeline.User{{ID: "u", Active: true}}}}
		began := time.Now()
		r := p.Snapshot.Judge(context.Background(), ev)
		took = append(took, time.Since(began))
		if r.Failed != nil || len(r.Effects()) != 1 {
			b.Fatal(r.Failed)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
}
