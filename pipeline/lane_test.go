package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTestLanes(ctx context.Context) *Lanes {
	return NewLanes(ctx, slog.New(slog.DiscardHandler))
}

// RACE-01: a thread's tasks run in the order in which they came, one at a time.
func TestLaneOrder(t *testing.T) {
	l := newTestLanes(context.Background())
	got := map[string][]int{} // each list is touched by its own lane only
	var mu sync.Mutex
	for i := range LaneDepth {
		for _, lane := range []string{"a", "b", "c"} {
			if err := l.Enqueue(lane, func(context.Context) {
				mu.Lock()
				got[lane] = append(got[lane], i)
				mu.Unlock()
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.Close()
	for lane, list := range got {
		if len(list) != LaneDepth || !slices.IsSorted(list) {
			t.Errorf("lane %s ran %v", lane, list)
		}
	}
	if err := l.Enqueue("a", func(context.Context) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestLanesRunBesideEachOther(t *testing.T) {
	l := newTestLanes(context.Background())
	meet := make(chan struct{})
	l.Enqueue("a", func(context.Context) { meet <- struct{}{} })
	l.Enqueue("b", func(context.Context) { <-meet })
	l.Close() // hangs if one lane waited for the other
}

// X1: a lane is bounded, and a full one costs the others nothing.
func TestLaneIsBounded(t *testing.T) {
	l := newTestLanes(context.Background())
	begun, release := make(chan struct{}), make(chan struct{})
	l.Enqueue("a", func(context.Context) { close(begun); <-release })
	<-begun
	ran := 0
	for range LaneDepth {
		if err := l.Enqueue("a", func(context.Context) { ran++ }); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Enqueue("a", func(context.Context) {}); !errors.Is(err, ErrLaneFull) {
		t.Errorf("one too many: %v", err)
	}
	other := make(chan struct{})
	if err := l.Enqueue("b", func(context.Context) { close(other) }); err != nil {
		t.Errorf("another lane: %v", err)
	}
	<-other
	close(release)
	l.Close()
	if ran != LaneDepth {
		t.Errorf("%d of %d ran", ran, LaneDepth)
	}
}

// RACE-06: a panic stays with its task.
func TestLaneKeepsAPanic(t *testing.T) {
	l := newTestLanes(context.Background())
	after := false
	l.Enqueue("a", func(context.Context) { panic("broken") })
	l.Enqueue("a", func(context.Context) { after = true })
	l.Close()
	if !after {
		t.Error("the lane died of it")
	}
}

func TestLaneEndsWhenEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		l := newTestLanes(ctx)
		cancelled := false
		for range 3 {
			l.Enqueue("a", func(ctx context.Context) { cancelled = ctx.Err() != nil })
			synctest.Wait()
			if len(l.lanes) != 0 {
				t.Error("an empty lane is still there")
			}
			cancel()
		}
		if !cancelled {
			t.Error("tasks do not see the end of the context")
		}
		l.Close()
	})
}

type worldFunc func(*Run, Effect)

func (f worldFunc) Perform(_ context.Context, r *Run, e Effect) { f(r, e) }

// RACE-16, P2: a run ends under the snapshot it began with, whatever is
// swapped in meanwhile, and its effects are performed in order.
func TestSwapUnderLoad(t *testing.T) {
	version := func(rev Rev) *Snapshot {
		check := func(r *Run) error {
			if r.Snapshot.Rev != rev || r.Event.Rev != rev {
				t.Errorf("a run of %s met a stage of %s", r.Event.Rev, rev)
			}
			r.Do(Label{Key: "rev", Value: string(rev)})
			return nil
		}
		s := snapshotOf(KindTool, stage("one", Gate, check), stage("two", Gate, check))
		s.Rev = rev
		return s
	}
	versions := []*Snapshot{version("a"), version("b"), version("c")}
	var performed, observed atomic.Int64
	e := NewEngine(versions[0], worldFunc(func(r *Run, f Effect) {
		performed.Add(1)
		if f.(Label).Value != string(r.Event.Rev) {
			t.Errorf("an effect of %s in a run of %s", f.(Label).Value, r.Event.Rev)
		}
	}), func(*Run) { observed.Add(1) })
	var swaps, runs sync.WaitGroup
	stop := make(chan struct{})
	swaps.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				e.Swap(versions[i%3])
			}
		}
	})
	for range 4 {
		runs.Go(func() {
			for range 500 {
				e.Handle(context.Background(), &Event{Kind: KindTool})
			}
		})
	}
	runs.Wait()
	close(stop)
	swaps.Wait()
	if performed.Load() != 4000 || observed.Load() != 2000 {
		t.Errorf("%d effects, %d observed", performed.Load(), observed.Load())
	}
	before := e.Snapshot()
	if old := e.Swap(versions[1]); old != before || e.Snapshot() != versions[1] {
		t.Error("swap")
	}
	if e.Judge(context.Background(), &Event{Kind: KindTool}); performed.Load() != 4000 {
		t.Error("judging alone performed something")
	}
}
