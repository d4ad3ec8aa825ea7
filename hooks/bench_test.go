package hooks

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"ctpipe/pipeline"
)

func script(t testing.TB, name string, may ...pipeline.Verdict) Source {
	t.Helper()
	src, err := os.ReadFile("../scripts/" + name + ".lua")
	if err != nil {
		t.Fatal(err)
	}
	return Source{Name: "scripts/" + name + ".lua", Bytes: src, OnError: onError, May: may}
}

func kubectl(context string) pipeline.Command {
	return pipeline.Command{Prog: "kubectl", Sub: "apply", Args: []string{"-f", "deploy.yaml", "--context=" + context}, Class: pipeline.ClassWrite}
}

func typical() *pipeline.Event {
	return toolEvent(
		pipeline.Command{Prog: "git", Sub: "status", Class: pipeline.ClassRead},
		pipeline.Command{Prog: "kubectl", Sub: "get", Args: []string{"pods", "-n", "web", "-o", "wide"}},
		pipeline.Command{Prog: "grep", Args: []string{"-v", "Running"}, Class: pipeline.ClassRead},
	)
}

// percentiles reports p50 and p99 of f in microseconds, with a live heap like
// that of a small daemon: with none, a garbage collection every hundred calls
// is most of the p99.
func percentiles(b *testing.B, f func()) {
	heap := make([]byte, 24<<20)
	defer runtime.KeepAlive(heap)
	times := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		f()
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "p50-us")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "p99-us")
}

func BenchmarkToolHook(b *testing.B) {
	set := build(b, script(b, "deploy_window"))
	ev := typical()
	percentiles(b, func() {
		if r := set.Run(context.Background(), ev); r[0].Err != nil {
			b.Fatal(r[0].Err)
		}
	})
}

func BenchmarkToolHookDenies(b *testing.B) {
	set := build(b, script(b, "deploy_window"))
	ev := toolEvent(kubectl("prod"))
	percentiles(b, func() {
		if r := set.Run(context.Background(), ev); verdict(r[0]) != "ask" || r[0].Err != nil {
			b.Fatal(r[0].Err)
		}
	})
}

func BenchmarkTenHooks(b *testing.B) {
	set := build(b, copies(b, 10)...)
	ev := typical()
	percentiles(b, func() {
		if r := set.Run(context.Background(), ev); len(r) != 10 || r[9].Err != nil {
			b.Fatal(r)
		}
	})
}

func copies(t testing.TB, n int) []Source {
	var out []Source
	for i := range n {
		src := script(t, "deploy_window")
		src.Name = fmt.Sprintf("scripts/hook%d.lua", i)
		out = append(out, src)
	}
	return out
}

func BenchmarkSnapshot20(b *testing.B) {
	sources := copies(b, 20)
	percentiles(b, func() {
		if set, f := Build(sources, Options{}); set == nil {
			b.Fatal(f)
		}
	})
}
