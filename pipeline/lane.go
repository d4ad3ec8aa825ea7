package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
)

// ErrLaneFull says that a thread has more waiting than its lane holds. Posts
// are then not run and get a turtle; gate calls are denied.
var ErrLaneFull = errors.New("the lane is full")

// ErrClosed says that the lanes take nothing more.
var ErrClosed = errors.New("the lanes are closed")

// LaneDepth is how many tasks wait in one lane at most.
const LaneDepth = 256

// Lanes runs tasks in order within a lane and in parallel between lanes. A
// lane costs nothing while it is empty. All methods are safe for concurrent
// use.
type Lanes struct {
	ctx   context.Context
	log   *slog.Logger
	mu    sync.Mutex
	lanes map[string][]Task // present while its goroutine runs
	wait  sync.WaitGroup
	shut  bool
}

// Task is one thing to do in a lane.
type Task func(ctx context.Context)

// NewLanes makes lanes whose tasks get ctx.
func NewLanes(ctx context.Context, log *slog.Logger) *Lanes {
	return &Lanes{ctx: ctx, log: log, lanes: map[string][]Task{}}
}

// Enqueue adds a task to the end of a lane. It never blocks.
func (l *Lanes) Enqueue(lane string, t Task) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return ErrClosed
	}
	waiting, running := l.lanes[lane]
	if len(waiting) >= LaneDepth {
		return ErrLaneFull
	}
	l.lanes[lane] = append(waiting, t)
	if !running {
		l.wait.Add(1)
		go l.run(lane)
	}
	return nil
}

// Close refuses further tasks and waits for those that are queued.
func (l *Lanes) Close() {
	l.mu.Lock()
	l.shut = true
	l.mu.Unlock()
	l.wait.Wait()
}

func (l *Lanes) run(lane string) {
	defer l.wait.Done()
	for {
		t := l.next(lane)
		if t == nil {
			return
		}
		l.guarded(lane, t)
	}
}

// next takes the first task; with none left the lane ends.
func (l *Lanes) next(lane string) Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.lanes[lane]
	if len(waiting) == 0 {
		delete(l.lanes, lane)
		return nil
	}
	t := waiting[0]
	waiting[0] = nil
	l.lanes[lane] = waiting[1:]
	return t
}

// guarded keeps a panic of one task to itself: the other threads, and the
// tasks behind it, go on.
func (l *Lanes) guarded(lane string, t Task) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("task panicked", "lane", lane, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	t(l.ctx)
}
