package session

import (
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// TestLateLookAtTheRepository covers RACE-04: a look at the repository that ends
// when Claude runs elsewhere already (!cd did not wait for it) neither starts
// another Claude nor makes the one that runs unheard, and asks nobody.
func TestLateLookAtTheRepository(t *testing.T) {
	for _, dirty := range []bool{false, true} {
		inWorld(t, "", func(w *world) {
			inRepo(w)
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			if dirty {
				dirtyRepo(w, "prompt")
			}
			w.set.Worktrees = "prompt"
			s := w.host.session(w.host.threadID(w.rootID(root)))
			s.launcher().whereFirst()
			w.until(func() bool { w.host.agents.Wait(); return true })
			w.settle()
			a.replies(t, "m2", "still heard")
			w.settle()
			w.shows(root, "still heard")
			if n := len(w.agents.all); n != 1 || len(w.chat.OfKind(root, "card")) != 0 {
				t.Errorf("dirty %v: %d agents, %q", dirty, n, chattest.Messages(w.chat.Said(root)))
			}
		})
	}
}
