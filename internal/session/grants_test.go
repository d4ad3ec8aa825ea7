package session

import (
	"testing"
	"time"

	"ctpipe/internal/claude"
)

// TestGrantsEndQuietly covers SEC-15: a session that times out, and one whose
// Claude ended, says that what was granted has ended.
func TestGrantsEndQuietly(t *testing.T) {
	for name, pause := range map[string]func(w *world, a *fakeAgent){
		"idle": func(w *world, _ *fakeAgent) { time.Sleep(31 * time.Minute) },
		"exit": func(w *world, a *fakeAgent) { a.h.Exit(claude.Exit{Code: 1}) },
	} {
		inKept(t, func(w *world) {
			w.set.Timeout = 30 * time.Minute
			root, a, card := w.asked("touch x")
			w.reacts("bob", card.ID, "white_check_mark")
			a.done(t, "t1")
			a.replies(t, "m1", "here")
			pause(w, a)
			w.settle()
			w.shows(root, "What ✅ granted in this session has ended")
			w.says("alice", root, "go on")
			b := w.latest()
			if b == a {
				w.Fatalf("%s: not resumed", name)
			}
			b.bash("t2", "touch y")
			if got := b.gates["g-t2"].Decision; got != claude.Ask {
				t.Errorf("%s: %v", name, got)
			}
		})
	}
}
