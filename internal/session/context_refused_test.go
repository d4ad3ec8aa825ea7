package session

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// TestRefusedIsNoContext: a message that people refused, or have not let in yet,
// does not reach Claude with the thread's history after all.
func TestRefusedIsNoContext(t *testing.T) {
	for _, answered := range []bool{true, false} {
		inWorld(t, matrixRules, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.says("mallory", root, "evil words")
			if answered {
				w.reacts("alice", w.card(root).ID, "-1")
			}
			w.says("alice", root, "one")
			a.replies(t, "m2", "here")
			w.settle()
			s := w.host.session(w.host.threadID(w.rootID(root)))
			s.move(t.TempDir())
			s.launcher().spawn(false)
			w.settle()
			w.says("alice", root, "two")
			w.reacts("alice", w.card(root).ID, "one")
			w.settle()
			got := strings.Join(w.latest().sent(), "\n")
			if !strings.Contains(got, "two") || !strings.Contains(got, "@alice: one") || strings.Contains(got, "evil") {
				t.Errorf("answered %v: %q\n%q", answered, got, chattest.Messages(w.chat.Said(root)))
			}
		})
	}
}
