package pipeline

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
)

// World performs effects. Perform is called in order, from the goroutine that
// handles the run; it hands I/O on to the outboxes and does not wait for it.
type World interface {
	Perform(ctx context.Context, r *Run, e Effect)
}

// Engine passes events through the snapshot in force and has the world perform
// what they ask for. All methods are safe for concurrent use.
type Engine struct {
	snap    atomic.Pointer[Snapshot]
	world   World
	observe func(*Run)
}

// NewEngine makes an engine. Observe, which may be nil, sees every run after
// its verdict and before its effects; it must not block.
func NewEngine(first *Snapshot, world World, observe func(*Run)) *Engine {
	e := &Engine{world: world, observe: observe}
	e.snap.Store(first)
	return e
}

// Snapshot is the policy in force.
func (e *Engine) Snapshot() *Snapshot { return e.snap.Load() }

// Swap puts next in force and returns what was. Runs in flight keep theirs.
func (e *Engine) Swap(next *Snapshot) *Snapshot { return e.snap.Swap(next) }

// Handle judges ev under the snapshot in force and has its effects performed.
func (e *Engine) Handle(ctx context.Context, ev *Event) *Run {
	r := e.Judge(ctx, ev)
	for _, effect := range r.Effects() {
		e.world.Perform(ctx, r, effect)
	}
	return r
}

// Judge judges ev under the snapshot in force; it is observed, but nothing is
// performed.
func (e *Engine) Judge(ctx context.Context, ev *Event) *Run {
	r := e.snap.Load().Judge(ctx, ev)
	if e.observe != nil {
		e.seen(r)
	}
	return r
}

// JudgeShow is Judge for a show event whose block has forms. Met, which may be
// nil, says what people have answered, as in Reconsider.
func (e *Engine) JudgeShow(ctx context.Context, ev *Event, forms Forms, met ApprovalsMet) *Run {
	r := e.snap.Load().judge(ctx, ev, passage{met: met, forms: forms})
	if e.observe != nil {
		e.seen(r)
	}
	return r
}

// seen lets the observer see a run. An observer that panics costs its record,
// never the answer that somebody waits for.
func (e *Engine) seen(r *Run) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("the observer of runs panicked", "event", r.Event.ID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	e.observe(r)
}
