package calls

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

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

// twins are two sets of calls that are told the same; one is saved as JSON now
// and then.
type twins struct {
	*rapid.T
	plain, saved Calls
	open         []madeCall
	taken        map[uint64]bool
	arrivals     uint64
	waiting      map[string]pipeline.ToolID
	wrote        []string // every path that was ever written
	old          []oldCalls
}

// oldCalls is a clone with what it was.
type oldCalls struct {
	clone Calls
	was   string
}

// madeCall is what the test knows of a call that is open.
type madeCall struct {
	arrival       uint64
	id            pipeline.ToolID
	reads, parked bool
}

func encoded(t *rapid.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

func (w *twins) both(do func(o *Calls) any) {
	w.Helper()
	if a, b := encoded(w.T, do(&w.plain)), encoded(w.T, do(&w.saved)); a != b {
		w.Fatalf("the one that was never saved: %s\nthe other: %s", a, b)
	}
	if a, b := encoded(w.T, w.plain), encoded(w.T, w.saved); a != b {
		w.Fatalf("they differ:\n%s\n%s", a, b)
	}
}

func (w *twins) id() pipeline.ToolID {
	return rapid.SampledFrom([]pipeline.ToolID{"t1", "t2", "t3"}).Draw(w.T, "id")
}

func (w *twins) arrival() uint64 { return rapid.Uint64Range(0, w.arrivals+1).Draw(w.T, "arrival") }

func (w *twins) hash() string { return rapid.SampledFrom([]string{"h1", "h2"}).Draw(w.T, "hash") }

func (w *twins) run() (*pipeline.Run, bool) {
	reads := rapid.Bool().Draw(w.T, "reads")
	tool := map[bool]string{true: "Read", false: "Write"}[reads]
	return &pipeline.Run{Snapshot: &pipeline.Snapshot{}, Event: &pipeline.Event{Tool: pipeline.Tool{Name: tool, Input: map[string]any{"a": "<b>"}}}}, reads
}

func (w *twins) step() {
	switch rapid.SampledFrom([]string{"judged", "judged", "judged", "unjudged", "take", "take", "rejudged", "park", "ended", "drop", "turn", "gone", "write", "await", "answered", "save", "save"}).Draw(w.T, "step") {
	case "judged":
		id, hash, told := w.id(), w.hash(), rapid.SampledFrom([]claude.Decision{claude.Allow, claude.Ask, claude.Deny, claude.None}).Draw(w.T, "told")
		run, reads := w.run()
		w.arrivals++
		w.open = append(w.open, madeCall{arrival: w.arrivals, id: id, reads: reads || told == claude.Deny})
		w.taken[w.arrivals] = told == claude.Deny // it is over: nobody may ask for it
		w.both(func(o *Calls) any { return o.Judged(id, hash, run, told == claude.Allow, told) })
	case "unjudged":
		id := w.id()
		w.arrivals++
		w.open = append(w.open, madeCall{arrival: w.arrivals, id: id})
		w.taken[w.arrivals] = true
		w.both(func(o *Calls) any { return o.Unjudged(id) })
	case "take":
		w.take()
	case "rejudged":
		at := w.arrival()
		run, reads := w.run()
		for i := range w.open {
			if w.open[i].arrival == at {
				w.open[i].reads = reads
			}
		}
		w.both(func(o *Calls) any { o.Rejudged(at, run); return nil })
	case "park":
		at, parked := w.arrival(), rapid.Bool().Draw(w.T, "parked")
		for i := range w.open {
			if w.open[i].arrival == at {
				w.open[i].parked = parked
			}
		}
		w.both(func(o *Calls) any { o.Park(at, parked); return nil })
	case "ended":
		id := w.id()
		if at := slices.IndexFunc(w.open, func(c madeCall) bool { return c.id == id }); at >= 0 {
			w.open = slices.Delete(w.open, at, at+1)
		}
		w.both(func(o *Calls) any { o.Ended(id); return nil })
	case "drop":
		at := w.arrival()
		w.open = slices.DeleteFunc(w.open, func(c madeCall) bool { return c.arrival == at })
		w.both(func(o *Calls) any { o.Drop(at); return nil })
	case "turn":
		w.open = nil
		w.both(func(o *Calls) any { o.TurnEnded(); return nil })
	case "gone":
		w.open, w.waiting = nil, map[string]pipeline.ToolID{}
		w.both(func(o *Calls) any { o.Gone(); return nil })
	case "write":
		w.write()
	case "await":
		request, id := fmt.Sprint("r", rapid.IntRange(0, 3).Draw(w.T, "request")), w.id()
		w.waiting[request] = id
		w.both(func(o *Calls) any { o.Await(request, id); return o.Waits(request) })
	case "answered":
		request := fmt.Sprint("r", rapid.IntRange(0, 3).Draw(w.T, "request"))
		want, waits := w.waiting[request]
		delete(w.waiting, request)
		w.both(func(o *Calls) any {
			if id, waited := o.Answered(request); id != want || waited != waits || o.Waits(request) {
				w.Fatalf("%s is about %s (waited %v), want %s %v", request, id, waited, want, waits)
			}
			return nil
		})
	case "save":
		w.old = append(w.old, oldCalls{w.plain.Clone(), encoded(w.T, w.plain)})
		var back Calls
		if err := json.Unmarshal([]byte(encoded(w.T, w.saved)), &back); err != nil {
			w.Fatalf("%v", err)
		}
		w.saved = back
	}
}

// take demands that what PreToolUse found is used once.
func (w *twins) take() {
	id, hash, tool := w.id(), w.hash(), rapid.SampledFrom([]string{"Read", "Write"}).Draw(w.T, "tool")
	w.both(func(o *Calls) any {
		c, ok := o.Take(id, tool, hash)
		if ok && (c.ID != id || c.Hash != hash || c.Tool != tool || c.Told == claude.Deny) {
			w.Fatalf("taken for %s %s %s: %+v", id, tool, hash, c)
		}
		if ok && o == &w.plain {
			if w.taken[c.Arrival] {
				w.Fatalf("%d is taken twice", c.Arrival)
			}
			w.taken[c.Arrival] = true
		}
		return []any{c, ok}
	})
}

func (w *twins) write() {
	ev := &pipeline.Event{Tool: pipeline.Tool{Name: rapid.SampledFrom([]string{"Write", "WebFetch"}).Draw(w.T, "writes")}}
	many := 1
	if rapid.IntRange(0, 4).Draw(w.T, "many") == 0 {
		many = 400
	}
	dir := rapid.SampledFrom([]string{"/", "/a/", "/a/b/", "/c/%d/", "/%d/", "/c/%d/d/"}).Draw(w.T, "dir")
	file := rapid.IntRange(0, 9).Draw(w.T, "file")
	for i := range many {
		at := dir
		if at != "/" && at != "/a/" && at != "/a/b/" {
			at = fmt.Sprintf(dir, i)
		}
		ev.Tool.Paths = append(ev.Tool.Paths, pipeline.Path{Real: fmt.Sprintf("%sf%d", at, (file+i)%10), Write: (file+i)%7 > 0})
	}
	for _, p := range ev.Tool.Paths {
		if p.Write {
			w.wrote = append(w.wrote, p.Real)
		}
	}
	was := w.plain.Tainted
	w.both(func(o *Calls) any { return o.WillRun(ev) })
	if w.plain.Tainted != (was || ev.Tool.Name == "WebFetch") {
		w.Fatalf("tainted %v", w.plain.Tainted)
	}
}

func (w *twins) invariants() {
	for _, self := range []uint64{0, w.arrivals, 1} {
		want := slices.ContainsFunc(w.open, func(c madeCall) bool { return c.arrival != self && !c.reads && (self == 0 || !c.parked) })
		if got := w.plain.BusyBeside(self); got != want {
			w.Fatalf("busy beside %d: %v, open are %+v", self, got, w.open)
		}
	}
	if len(w.plain.Wrote) > WroteMost {
		w.Fatalf("%d written paths are remembered", len(w.plain.Wrote))
	}
	for _, path := range w.wrote {
		if !written(w.plain.Wrote, path) {
			w.Fatalf("it is forgotten that %s was written: %q", path, w.plain.Wrote)
		}
	}
	if w.plain.Arrivals != w.arrivals || len(w.plain.Open) != len(w.open) || len(w.plain.Waiting) != len(w.waiting) {
		w.Fatalf("%d arrived, open %d, waiting %d; want %d, %d, %d", w.plain.Arrivals, len(w.plain.Open), len(w.plain.Waiting), w.arrivals, len(w.open), len(w.waiting))
	}
}

// TestCalls covers A13, RACE-11 and SEC-04: what was found about a call is used
// once, another call is busy beside as long as it may change something, and no
// path that was written is ever forgotten. Calls that are saved at any moment go
// on as those that never were, and a clone stays what it was.
func TestCalls(t *testing.T) {
	random(t, 5000, func(r *rapid.T) {
		w := &twins{T: r, taken: map[uint64]bool{}, waiting: map[string]pipeline.ToolID{}}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.step()
			w.invariants()
		}
		for _, o := range w.old {
			if now := encoded(r, o.clone); now != o.was {
				r.Fatalf("a clone changed:\n%s\n%s", o.was, now)
			}
		}
	})
}

// TestWidened: where too many paths were written their directories stand for
// them, again and again, and the root directory for itself.
func TestWidened(t *testing.T) {
	tests := []struct {
		name string
		dirs string // of 400 files
		more []string
	}{
		{name: "one directory", dirs: "/a/"},
		{name: "a directory each", dirs: "/a/%d/"},
		{name: "a directory each, and a file in the root", dirs: "/a/%d/", more: []string{"/f"}},
		{name: "a directory of the root each", dirs: "/%d/", more: []string{"/f", "/x/y/z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := slices.Clone(tt.more)
			for i := range 400 {
				all = append(all, strings.ReplaceAll(tt.dirs, "%d", fmt.Sprint(i))+fmt.Sprint("f", i))
			}
			got := widened(slices.Clone(all))
			if len(got) > WroteMost {
				t.Errorf("%d paths", len(got))
			}
			for _, path := range all {
				if !written(got, path) {
					t.Errorf("%s is forgotten: %q", path, got)
				}
			}
		})
	}
}
