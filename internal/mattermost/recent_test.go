package mattermost

import (
	"testing"

	"pgregory.net/rapid"
)

// A remembered key is exactly one of the last that were new, and memory is bounded.
func TestRecentIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 8).Draw(t, "size")
		r := newRecent(size)
		var model []uint64 // the last size new keys
		for _, key := range rapid.SliceOf(rapid.Uint64Range(0, 12)).Draw(t, "keys") {
			want := false
			for _, k := range model {
				want = want || k == key
			}
			if got := r.add(key); got != want {
				t.Fatalf("add(%d) = %v, want %v after %v", key, got, want, model)
			}
			if !want {
				model = append(model, key)
				model = model[max(0, len(model)-size):]
			}
			if len(r.known) != len(model) || len(r.ring) > size {
				t.Fatalf("%d known, %d in the ring of %d", len(r.known), len(r.ring), size)
			}
		}
	})
}

// The jittered pauses of a reconnect never exceed a minute, and never end.
func TestReconnectDelays(t *testing.T) {
	d := reconnectDelays()
	for i := range 2000 {
		wait := d.NextBackOff()
		if wait <= 0 || wait > maxDelay {
			t.Fatalf("pause %d is %s", i, wait)
		}
	}
}
