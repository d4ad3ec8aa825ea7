package hooks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

// randomEvent makes an event that the shipped scripts have something to say on.
func randomEvent(r *rand.Rand, i int) *pipeline.Event {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	ev := &pipeline.Event{
		ID: pipeline.EventID(fmt.Sprint(i)), Kind: pipeline.Kinds[r.IntN(len(pipeline.Kinds))],
		Time:     pipeline.Time{Unix: mondayMorning + int64(i)*7},
		Thread:   pipeline.Thread{ID: pipeline.ThreadID(pick("main:a", "main:b"))},
		User:     pipeline.User{ID: pipeline.UserID(pick("ana", "bo")), Groups: []string{pick("core", "oncall")}},
		Command:  pipeline.ChatCommand{Name: pick("review", "stop"), Args: []string{pick("1", "x")}},
		Reaction: pipeline.Reaction{Target: pick("tool", "plan"), Meaning: pick("approve", "deny")},
		Show:     pipeline.Show{What: pick("text", "diff", "thinking"), Text: pick("hello", "token: abc"), Lines: r.IntN(300)},
	}
	line := pick("git push origin x", "go test ./...", "kubectl apply --context=prod", "git commit -m x")
	ev.Tool = pipeline.Tool{Name: "Bash", Input: map[string]any{"command": line}, Commands: []pipeline.Command{command(line)}}
	if r.IntN(20) == 0 {
		ev.Unknown = []string{pick("tool.commands", "user.groups", "show.text")}
	}
	return ev
}

func shipped(t testing.TB) []Source {
	var out []Source
	for _, name := range []string{"deploy_window", "test_budget", "redact", "review", "business_hours", "rate_limit",
		"commit_trailer", "tests_before_push", "quiet_thread", "oncall"} {
		out = append(out, script(t, name, pipeline.Allow))
	}
	return out
}

// P6: 10 000 recorded runs, replayed from their reads on a set built anew, give
// the same votes, texts, inputs and effects.
func TestReplayDeterminism(t *testing.T) {
	runs, store := 10_000, &Memory{}
	if testing.Short() {
		runs = 1_000
	}
	sources := shipped(t)
	set := patient(buildWith(t, Options{Store: store}, sources...)) // a time-out is the machine's doing, and not replayed
	again := patient(buildWith(t, Options{}, sources...))
	r := rand.New(rand.NewPCG(3, 4))
	votes := map[string]int{}
	for i := range runs {
		ev := randomEvent(r, i)
		results := set.Run(background, ev)
		reads := map[string][]Read{}
		for _, res := range results {
			reads[res.Hook] = res.Reads
			votes[verdict(res)]++
			if err := res.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		replayed := again.Replay(background, ev, reads)
		for j := range results {
			if a, b := said(results[j]), said(replayed[j]); !reflect.DeepEqual(a, b) {
				t.Fatalf("run %d: %+v, replayed as %+v", i, a, b)
			}
		}
	}
	for _, v := range []string{"allow", "ask", "deny", "abstain"} {
		if votes[v] < runs/100 {
			t.Errorf("only %d votes %s: the events are no test", votes[v], v)
		}
	}
}

// said is what of a result must be the same in a replay.
func said(r Result) Result {
	r.Took, r.commit = 0, nil
	if r.Err != nil {
		r.Err = fmt.Errorf("%s", r.Err)
	}
	return r
}

// soakLength is how long soaks last: CTPIPE_SOAK is a duration, or 1 (as make
// soak sets it) for the full hour; without it a few seconds, as CI has.
func soakLength(t *testing.T) time.Duration {
	switch given := os.Getenv("CTPIPE_SOAK"); given {
	case "":
		if testing.Short() {
			return time.Second
		}
		return 5 * time.Second
	case "1":
		return time.Hour
	default:
		length, err := time.ParseDuration(given)
		if err != nil {
			t.Fatal(err)
		}
		return length
	}
}

// TestSoak: 200 calls a second over ten hooks, a save every second and a trap
// every five, or two a second in the short form. At the end goroutines and memory are where they were, and no
// failed call has allowed anything.
func TestSoak(t *testing.T) {
	length := soakLength(t)
	files, err := filepath.Glob("testdata/traps/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	store, sources := &Memory{}, shipped(t)
	set := buildWith(t, Options{Store: store}, sources...)
	r := rand.New(rand.NewPCG(5, 6))
	trapEvery := 1000
	if length < time.Minute {
		trapEvery = 100
	}
	step := func(i int) {
		if i%200 == 0 { // a save of one of the scripts
			k := i / 200 % len(sources)
			sources[k].Bytes = append([]byte(strings.TrimRight(string(sources[k].Bytes), "\n")), strings.Repeat("\n", 1+i/200%7)...)
			set = buildWith(t, Options{Store: store, Previous: set}, sources...)
		}
		if i%trapEvery == trapEvery-1 {
			soakTrap(t, files[i/trapEvery%len(files)])
		}
		for _, res := range set.Run(context.Background(), randomEvent(r, i)) {
			if res.Err != nil && verdict(res) == "allow" {
				t.Fatalf("a failed call allowed: %+v", res)
			}
			if err := res.Commit(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 1200 { // warm
		step(i)
	}
	goroutines, heap := runtime.NumGoroutine(), liveHeap()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	calls := 1200
	for end := time.Now().Add(length); time.Now().Before(end); calls++ {
		<-tick.C
		step(calls)
	}
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
		<-tick.C
	}
	t.Logf("%d events; goroutines %d to %d, live heap %d to %d KiB", calls, goroutines, runtime.NumGoroutine(), heap>>10, liveHeap()>>10)
	if runtime.NumGoroutine() > goroutines || liveHeap() > heap+16<<20 {
		t.Error("goroutines or memory have grown")
	}
}

func soakTrap(t *testing.T, file string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set, _ := Build([]Source{{Name: file, Bytes: src, OnError: onError, May: []pipeline.Verdict{pipeline.Allow}}}, Options{})
	if set == nil {
		return // it does not get past the lint
	}
	if res := run1(t, set, toolEvent()); verdict(res) == "allow" {
		t.Fatalf("%s allowed", file)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
