package session

import (
	"strings"
	"testing"

	"ctpipe/internal/command"
	"ctpipe/internal/mattermost/chattest"
)

// TestSaidOnce: a card that ended says once what somebody changed, and a second
// ❌ on a session that has just ended is not answered.
func TestSaidOnce(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, card := w.asked("touch e")
		w.says("alice", root, "!Permissions INTERACTIVE")
		w.shows(root, "ℹ️ Permissions are already interactive")
		w.says("bob", root, "!approve touch f")
		if !a.ask("k-t1").Allow {
			t.Fatal("not allowed")
		}
		if got := w.card(root); got.ID != card.ID || strings.Count(got.Message, "+touch f") != 1 || !strings.Contains(got.Message, "```bash\ntouch f\n```") {
			t.Errorf("the card:\n%s", got.Message)
		}
		head := w.theHeader(root)
		w.reacts("alice", head.ID, "x")
		w.reacts("bob", head.ID, "x")
		w.shows(root, "🛑 **Session cancelled** by @")
		if all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n"); strings.Contains(all, command.NoSession) {
			t.Errorf("noise:\n%s", all)
		}
	})
}
