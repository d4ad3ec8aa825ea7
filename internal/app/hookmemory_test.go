package app

import (
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ctpipe/hooks"
	"ctpipe/internal/state"
)

// DATA-02: whatever hooks remember and forget, in which order and with which
// restarts between, the next ctpipe finds it as it was left.
func TestHookMemoryIsKept(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	store, err := state.Open(t.TempDir(), state.WithLog(log))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		mine := []string{fmt.Sprint("a", runs), fmt.Sprint("b", runs)} // one state for all: to open it takes long
		open := func() *hookMemory {
			m := newHookMemory()
			m.store, m.log = store, log
			if err := m.load(t.Context()); err != nil {
				rt.Fatal(err)
			}
			return m
		}
		now := time.Now().Unix()
		m, want := open(), map[hooks.Place]any{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			at := hooks.Place{Hook: rapid.SampledFrom(mine).Draw(rt, "hook"), Key: rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "key")}
			switch rapid.SampledFrom([]string{"put", "drop", "restart"}).Draw(rt, "step") {
			case "put":
				value := rapid.OneOf(rapid.Just[any](true), rapid.Map(rapid.String(), func(s string) any { return s }),
					rapid.Map(rapid.Float64Range(-1e9, 1e9), func(n float64) any { return n })).Draw(rt, "value")
				if err := m.memory.Commit(at.Hook, now, []hooks.Write{{Key: at.Key, Value: value}}); err != nil {
					rt.Fatal(err)
				}
				want[at] = value
			case "drop":
				if err := m.memory.Commit(at.Hook, now, []hooks.Write{{Key: at.Key}}); err != nil {
					rt.Fatal(err)
				}
				delete(want, at)
			case "restart":
				m.close(t.Context())
				m = open()
			}
		}
		m.close(t.Context())
		m = open()
		for _, hook := range mine {
			for _, key := range []string{"x", "y"} {
				got, ok := m.memory.Get(hook, key, now)
				kept, there := want[hooks.Place{Hook: hook, Key: key}]
				if ok != there || !reflect.DeepEqual(got.Value, kept) {
					rt.Fatalf("%s %s: %v (%v), want %v (%v)", hook, key, got.Value, ok, kept, there)
				}
			}
		}
	})
}

// A write that fails is kept for the next one, and no value is lost.
func TestHookMemoryOutlivesAFailedWrite(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	closed, err := state.Open(dir, state.WithLog(log))
	if err != nil {
		t.Fatal(err)
	}
	m := newHookMemory()
	m.store, m.log = closed, log
	closed.Close()
	if err := m.memory.Commit("a", 0, []hooks.Write{{Key: "x", Value: "one"}}); err != nil {
		t.Fatal(err)
	}
	m.write(t.Context())
	select {
	case <-m.wake:
	default:
		t.Error("nobody tries again")
	}
	if m.store, err = state.Open(dir, state.WithLog(log)); err != nil {
		t.Fatal(err)
	}
	defer m.store.Close()
	m.write(t.Context())
	kept, err := m.store.HookValues(t.Context(), 0)
	if err != nil || len(kept) != 1 || string(kept[0].Value) != `"one"` || len(m.pending) > 0 {
		t.Errorf("%v, %v; %d pending", kept, err, len(m.pending))
	}
}
