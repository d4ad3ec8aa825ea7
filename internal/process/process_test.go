package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"ctpipe/internal/claude"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// random runs f on thousands of random sequences, a hundred at a time.
func random(t *testing.T, sequences int, f func(*rapid.T)) {
	t.Helper()
	if testing.Short() {
		sequences /= 20
	}
	for range max(sequences/100, 1) {
		if rapid.Check(t, f); t.Failed() {
			return
		}
	}
}

// again is what comes out of a value that was saved as JSON.
func again[T any](t *rapid.T, v T) (back T) {
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return back
}

func encoded(t *rapid.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

// twins are two processes that are told the same, as a session tells it; one is
// saved as JSON now and then.
type twins struct {
	*rapid.T
	plain, saved Process
	now          time.Time
	n            int
	gens         []int // every generation that was begun
}

func (w *twins) both(do func(p *Process) any) {
	w.Helper()
	before := w.plain.Phase
	if a, b := encoded(w.T, do(&w.plain)), encoded(w.T, do(&w.saved)); a != b {
		w.Fatalf("the one that was never saved: %s\nthe other: %s", a, b)
	}
	if a, b := encoded(w.T, w.plain), encoded(w.T, w.saved); a != b {
		w.Fatalf("they differ:\n%s\n%s", a, b)
	}
	if after := w.plain.Phase; before != after && !slices.Contains(edges[before], after) {
		w.Fatalf("from %s to %s", before, after)
	}
}

// edges are how phases follow each other. Nothing follows the end.
var edges = map[string][]string{
	Starting: {Idle, Paused, Ended},
	Idle:     {Starting, Paused, Ended},
	Paused:   {Starting, Ended},
}

func (w *twins) step() {
	p := &w.plain
	w.n++
	switch rapid.SampledFrom([]string{"spawn", "spawn", "arrive", "arrive", "fail", "begin", "end", "end", "end", "exit", "exit", "time out", "stop", "tasks", "filled", "runs", "anew", "save", "save"}).Draw(w.T, "step") {
	case "spawn":
		if p.Phase != Paused && (p.Phase != Starting || len(w.gens) > 0 && p.Awaits(w.gens[len(w.gens)-1])) {
			return
		}
		next := fmt.Sprint("conversation ", w.n)
		known := p.Turns > 0 && !p.Fresh
		was := p.Conversation
		w.both(func(p *Process) any { p.Phase = Starting; return p.Resumable(next) })
		if known && p.Conversation != was || !known && p.Conversation != next {
			w.Fatalf("after %d turns (fresh %v) it goes on with %q, which was %q", p.Turns, p.Fresh, p.Conversation, was)
		}
		hooks := rapid.Bool().Draw(w.T, "hooks")
		w.both(func(p *Process) any { return p.Spawning(hooks) })
		if slices.Contains(w.gens, p.Generation) {
			w.Fatalf("generation %d comes twice", p.Generation)
		}
		w.gens = append(w.gens, p.Generation)
	case "arrive", "fail":
		gen := w.anyGeneration()
		dir := rapid.Bool().Draw(w.T, "no dir")
		arrives := rapid.Bool().Draw(w.T, "arrives")
		w.both(func(p *Process) any {
			if !p.Awaits(gen) {
				return "not awaited"
			}
			if arrives {
				p.Phase = Idle
				return "arrived"
			}
			return p.Failed(dir)
		})
	case "begin":
		model, conversation := rapid.SampledFrom([]string{"m", "n"}).Draw(w.T, "model"), rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(w.T, "conversation")
		w.heard(func(p *Process) any {
			p.Began(&claude.Init{Model: model, Head: claude.Head{SessionID: conversation}})
			return p.State(false)
		})
	case "end":
		m := &claude.Result{TotalCostUSD: float64(rapid.IntRange(0, 3).Draw(w.T, "cost"))}
		if rapid.IntRange(0, 5).Draw(w.T, "lost") == 0 {
			m.Subtype, m.Errors = "error_during_execution", []string{"No conversation found with session ID: x"}
		}
		cost, turns := p.Cost, p.Turns
		w.heard(func(p *Process) any { return p.TurnEnded(m) })
		if p.Turns < turns || p.Turns > turns+1 || p.Cost < 0 || m.TotalCostUSD == 0 && p.Cost != cost {
			w.Fatalf("%d turns became %d, %v USD became %v", turns, p.Turns, cost, p.Cost)
		}
	case "exit":
		queued := rapid.Bool().Draw(w.T, "queued")
		turns, fails := p.Turns, p.Fails
		if p.Phase != Idle && p.Phase != Starting {
			return
		}
		w.both(func(p *Process) any { how := p.Exited(queued); p.Gone(); return how })
		if turns == 0 && p.Phase != Ended || fails >= failsMost && p.Phase != Ended {
			w.Fatalf("after %d turns and %d failures it is %s", turns, fails, p.Phase)
		}
		w.idle()
	case "time out":
		if p.Phase == Idle {
			w.both(func(p *Process) any { p.Phase = Paused; p.Gone(); return nil })
			w.idle()
		}
	case "stop":
		if rapid.IntRange(0, 9).Draw(w.T, "really") == 0 && p.Phase != Ended {
			w.both(func(p *Process) any { p.Phase = Ended; p.Gone(); return nil })
		}
	case "tasks":
		n := rapid.IntRange(0, 2).Draw(w.T, "tasks")
		w.heard(func(p *Process) any { p.Background(n, w.now); return p.Quiet(w.now) })
	case "filled":
		m := &claude.Assistant{}
		m.Message.Usage.InputTokens = rapid.IntRange(0, 9).Draw(w.T, "tokens")
		w.heard(func(p *Process) any { p.Filled(m); return p.Used })
	case "runs":
		model := rapid.SampledFrom([]string{"", "m", "n"}).Draw(w.T, "model")
		w.heard(func(p *Process) any { return p.Runs(model) })
	case "anew":
		if p.Phase == Paused {
			w.both(func(p *Process) any { p.Anew(fmt.Sprint("conversation ", w.n)); return nil })
		}
	case "save":
		w.saved = again(w.T, w.saved)
	}
}

func (w *twins) anyGeneration() int {
	return rapid.SampledFrom(append(slices.Clone(w.gens), 0)).Draw(w.T, "generation")
}

// heard does what a Claude says, if it is listened to.
func (w *twins) heard(do func(p *Process) any) {
	gen := w.anyGeneration()
	if latest := w.plain.Generation == gen; w.plain.Current(gen) != (latest && w.plain.Phase != Ended) {
		w.Fatalf("generation %d is heard, %d is the latest, in phase %s", gen, w.plain.Generation, w.plain.Phase)
	}
	if w.plain.Current(gen) && w.plain.Phase == Idle {
		w.both(do)
	}
}

// idle demands that nothing is left of a Claude that is gone.
func (w *twins) idle() {
	if len(w.gens) > 0 && w.plain.Current(w.gens[len(w.gens)-1]) || w.plain.Turning || w.plain.Tasks > 0 {
		w.Fatalf("Claude is gone: %+v", w.plain)
	}
}

// TestProcess covers RACE-04, RACE-11 and STR-14: phases follow each other as
// they may, the end is final, no generation comes twice and only the latest is
// heard, and no Claude that never answers is started for ever. A process that is
// saved at any moment goes on as one that never was.
func TestProcess(t *testing.T) {
	random(t, 10_000, func(r *rapid.T) {
		w := &twins{T: r, plain: Process{Phase: Starting, Conversation: "c0"}, saved: Process{Phase: Starting, Conversation: "c0"}, now: epoch}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(r, "pause")) * time.Second)
			w.step()
			for _, asks := range []bool{false, true} {
				if state := w.plain.State(asks); (w.plain.Phase != Idle) != (state == w.plain.Phase && state != Idle) || asks && w.plain.Phase == Idle && state != Waiting {
					r.Fatalf("in phase %s it is %s (people are asked %v)", w.plain.Phase, state, asks)
				}
			}
		}
	})
}

// TestFails: a Claude that starts and ends without an answer is given up after
// three times, however often messages wait; an answer begins the count anew.
func TestFails(t *testing.T) {
	p := Process{Phase: Idle, Turns: 1}
	for i := range failsMost {
		p.Spawning(false)
		p.Phase = Idle
		if got, want := p.Exited(true), map[bool]Ending{true: ExitFails, false: ExitAgain}[i == failsMost-1]; got != want {
			t.Fatalf("%d: %v", i, got)
		}
	}
	p = Process{Phase: Idle, Turns: 1, Fails: failsMost - 1}
	p.TurnEnded(&claude.Result{})
	if p.Exited(false) != ExitPaused || p.Fails != 0 {
		t.Errorf("%+v", p)
	}
}
