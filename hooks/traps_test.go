package hooks

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

// traps are what each file in testdata/traps must end with: "built" names the
// finding of one that does not get that far, "answer" is its own vote, and the
// rest is a part of the error.
var traps = map[string]string{
	"loop": "no answer in time", "loop_pcall": "no answer in time",
	"swallow": "no answer in time", "swallow_xpcall": "no answer in time",
	"sort": "no answer in time", "sort_inconsistent": "",
	"pattern_exponential": "answer deny", "pattern_memory": "answer deny", "pattern_optional": "answer deny",
	"pattern_loop": "", "regex": "",
	"rep": "rep: the result would have more than", "hole": "16 MiB", "hole_far": "16 MiB",
	"recursion": "stack overflow", "recursion_pcall": "",
	"swallow_allow": "16 MiB", "monkeypatch": "string is read-only", "monkeypatch_rawset": "answer deny",
	"steps": "..: the result would have", "steps_keep": "16 MiB", "case_keep": "16 MiB",
	"concat": "concat: the result", "format": "width or precision too long", "gsub": "gsub: the result",
	"regex_gsub": "ct.gsub: ", "tables": "16 MiB", "tables_fields": "16 MiB", "closures": "16 MiB",
	"json": "16 MiB", "json_cycle": "nested deeper", "unpack": "unpack:", "effects": "more than 32 effects",
	"metatable": "too many recursions", "global": `built assignment to global "counter"`,
}

// P1, P4: whatever a hook does, its call ends in time, takes no more than so
// much memory, and never allows.
func TestTraps(t *testing.T) {
	files, err := filepath.Glob("testdata/traps/*.lua")
	if err != nil || len(files) != len(traps) {
		t.Fatalf("%d trap files, %d expectations (%v)", len(files), len(traps), err)
	}
	before := runtime.NumGoroutine()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		t.Run(name, func(t *testing.T) { spring(t, file, traps[name]) })
	}
	// What was abandoned ends by itself.
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines more than before", runtime.NumGoroutine()-before)
		}
	}
}

func spring(t *testing.T, file, want string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	source := Source{Name: file, Bytes: src, OnError: onError, May: []pipeline.Verdict{pipeline.Allow}}
	set, findings := Build([]Source{source}, Options{})
	if text, ok := strings.CutPrefix(want, "built "); ok {
		if set != nil || !strings.Contains(findings[0].String(), text) {
			t.Fatalf("built, or findings %v; want %q", findings, text)
		}
		return
	}
	if set == nil {
		t.Fatal(findings)
	}
	inTime(t, set)
	if want == "" || want == ErrTimeout.Error() {
		return
	}
	// With time enough, what stops it is the limit that it was made for.
	set, _ = Build([]Source{source}, Options{})
	patient(set)
	r, _ := harmless(t, set)
	if text, ok := strings.CutPrefix(want, "answer "); ok {
		if r.Err != nil || verdict(r) != text {
			t.Errorf("%s (%v), want %s", verdict(r), r.Err, text)
		}
		return
	}
	if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
		t.Errorf("err %v, want %q", r.Err, want)
	}
}

// inTime runs a trap under its real deadline. On a busy machine the scheduler
// may be late, so one of five tries must be in time.
func inTime(t *testing.T, set *Set) {
	limit := defaultTimeout + raceFactor*100*time.Millisecond
	var took time.Duration
	for range 5 {
		set.hooks[0].circuit = &breaker{}
		if _, took = harmless(t, set); took <= limit {
			return
		}
	}
	t.Errorf("took %s, want at most %s", took, limit)
}

// harmless runs a trap once, checks what must hold however it ends, and says how
// long the call took.
func harmless(t *testing.T, set *Set) (Result, time.Duration) {
	peak := watchHeap(t)
	began := time.Now()
	r := run1(t, set, toolEvent())
	took := time.Since(began)
	if grew := peak(); grew > 128<<20 {
		t.Errorf("the heap grew by %d MiB", grew>>20)
	}
	if verdict(r) == "allow" || len(r.Effects)+len(r.Writes) > 0 {
		t.Errorf("%s with effects %v", verdict(r), r.Effects)
	}
	if r.Err != nil && (verdict(r) != "ask" || r.Vote.Err == "") {
		t.Errorf("vote %+v, want on_error's ask", r.Vote)
	}
	if r.Err == nil && verdict(r) != "deny" {
		t.Errorf("ended with %s and no error", verdict(r))
	}
	return r, took
}

// watchHeap reports, when called, by how much the heap grew at its highest.
func watchHeap(t *testing.T) func() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, m.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		t.Logf("heap +%d KiB", (peak-before)>>10)
		return peak - before
	}
}
