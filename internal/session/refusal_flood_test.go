package session

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// TestRefusedKillIsNoFlood: who may not !kill is told so no more often than they
// may write; for who may, no limit stands in the way.
func TestRefusedKillIsNoFlood(t *testing.T) {
	inWorld(t, ruleOn("command", "no-kill", `command.name == "kill" and not user.allowed`, "then='deny'\nwhy='⛔ Only authorized users can use `!kill`'"), func(w *world) {
		w.set.Posts = 3
		root, _ := w.opened()
		for range 20 {
			w.post("mallory", root, "!kill")
		}
		w.settle()
		if n := strings.Count(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), "Only authorized"); n == 0 || n > 3 {
			t.Errorf("told %d times", n)
		}
		for range 5 {
			w.post("alice", root, "words")
		}
		w.says("alice", root, "!kill")
		w.shows(root, "EMERGENCY SHUTDOWN")
	})
}
