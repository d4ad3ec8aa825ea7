package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/state"
)

// How long a change of the hooks' memory waits before it is written, together
// with those that follow it. With the write it stays within the second that
// docs/hooks.md says a crash may lose.
const (
	memoryDelay = 500 * time.Millisecond
	memoryRetry = 5 * time.Second
)

// hookMemory writes what hooks remember behind into the state.
type hookMemory struct {
	memory  *hooks.Memory
	store   *state.Store
	log     *slog.Logger
	wake    chan struct{}
	pending map[hooks.Place]hooks.Value // a write of them failed
}

// newHookMemory makes the memory for hooks; keep must run for it to last.
func newHookMemory() *hookMemory {
	m := &hookMemory{memory: &hooks.Memory{}, wake: make(chan struct{}, 1), pending: map[hooks.Place]hooks.Value{}}
	m.memory.Changed = func() {
		select {
		case m.wake <- struct{}{}:
		default: // it is awake already
		}
	}
	return m
}

// load puts in what was kept.
func (m *hookMemory) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	kept, err := m.store.HookValues(ctx, time.Now().Unix())
	if err != nil {
		return err
	}
	for _, v := range kept {
		value := hooks.Value{Expires: v.Expires}
		if err := json.Unmarshal(v.Value, &value.Value); err != nil {
			return fmt.Errorf("what hook %s remembers as %q: %w", v.Hook, v.Key, err)
		}
		m.memory.Load(hooks.Place{Hook: v.Hook, Key: v.Key}, value)
	}
	return nil
}

// keep writes changes until ctx ends; what is left then is for close.
func (m *hookMemory) keep(ctx context.Context) {
	for {
		select {
		case <-m.wake:
		case <-ctx.Done():
			return
		}
		wait := memoryDelay
		if len(m.pending) > 0 {
			wait = memoryRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		m.write(ctx)
	}
}

// close writes what is left, when no hook runs any more.
func (m *hookMemory) close(ctx context.Context) { m.write(ctx) }

// write puts everything that changed into the state; what fails is tried again
// with the next change, or after a while.
func (m *hookMemory) write(ctx context.Context) {
	for at, v := range m.memory.Drain() {
		m.pending[at] = v
	}
	if len(m.pending) == 0 {
		return
	}
	var batch []state.HookValue
	for at, v := range m.pending {
		row := state.HookValue{Hook: at.Hook, Key: at.Key, Expires: v.Expires}
		if v.Value != nil {
			raw, err := json.Marshal(v.Value)
			if err != nil {
				m.log.Error("a value that a hook remembers cannot be kept", "hook", at.Hook, "key", at.Key, "err", err)
				continue
			}
			row.Value = raw
		}
		batch = append(batch, row)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait)
	defer cancel()
	if err := m.store.SaveHookValues(ctx, time.Now().Unix(), batch); err != nil {
		m.log.Error("what hooks remember is not kept", "values", len(batch), "err", err)
		m.memory.Changed()
		return
	}
	clear(m.pending)
}
