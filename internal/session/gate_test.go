package session

import (
	"testing"

	"ctpipe/internal/claude"
)

const freeReads = "[[rule]]\nid='free'\non='tool'\nwhen='tool.name == \"TaskList\"'\nthen='allow'\n"

// TestFileHooks covers design 10: where another hook could rewrite the input
// later, the first door says ask and the second allows what was judged, asking
// nobody.
func TestFileHooks(t *testing.T) {
	inWorld(t, freeReads, func(w *world) {
		w.set.FileHooks = true
		root, a := w.opened()
		a.call("t1", "TaskList", `{"n":1}`)
		w.settle()
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"n":1}` {
			t.Errorf("%+v", got)
		}
		if n := len(w.chat.OfKind(root, "card")); n != 0 {
			t.Errorf("%d cards", n)
		}
	})
}

// TestOneIDTwice covers A4 and A12: the same tool use id twice are two calls,
// each with its own record and card.
func TestOneIDTwice(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for _, cmd := range []string{"touch x", "touch y"} {
			delete(a.gates, "g-t1")
			a.bash("t1", cmd)
		}
		w.settle()
		if n := len(w.chat.OfKind(root, "card")); n != 2 {
			t.Errorf("%d cards", n)
		}
	})
}

// TestClaudesOwnAsk covers design 10: an ask after an allow is people's, and no
// grant is offered.
func TestClaudesOwnAsk(t *testing.T) {
	inWorld(t, freeReads, func(w *world) {
		root, a := w.opened()
		a.call("t1", "TaskList", `{}`)
		a.h.Ask(claude.AskCall{RequestID: "k-t1", ToolUseID: "t1", ToolName: "TaskList", Input: []byte(`{}`), Fields: map[string]any{}, SessionID: a.spec.SessionID, Cwd: a.spec.Dir, DecisionReason: "safety check"})
		w.settle()
		card := w.card(root)
		if got := w.chat.Marks(card.ID); len(got) != 2 {
			t.Errorf("seeds %v", got)
		}
		w.shows(root, "safety check")
	})
}
