package session

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// TestStopByReaction: ❌ or 🛑 on any post of the bot's in a thread stops its
// session, for who may: on the header, an answer, a notice; before and after a
// restart. A stopped one stays stopped (DATA-04).
func TestStopByReaction(t *testing.T) {
	for _, kind := range []string{"header", "answer", "notice", "tasks"} {
		for _, restart := range []bool{false, true} {
			for _, emoji := range []string{"x", "octagonal_sign"} {
				inKept(t, func(w *world) {
					root, a := w.opened()
					a.says(t, `{"type":"assistant","message":{"id":"t","model":"m","content":[{"type":"tool_use","id":"u1","name":"TodoWrite","input":{"todos":[{"content":"one","status":"pending","activeForm":"one"}]}}]}}`)
					a.says(t, `{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"u1","content":"ok"}]}}`)
					a.replies(t, "m1", "here")
					w.says("alice", root, "!escape") // "nothing to interrupt", a notice
					if restart {
						w.closed()
						w.restarted()
					}
					posts := w.chat.OfKind(root, kind)
					if len(posts) == 0 {
						w.Fatalf("no post of kind %s: %q", kind, chattest.Messages(w.chat.Said(root)))
					}
					w.reacts("mallory", posts[0].ID, emoji)
					if _, err := w.record(root); err != nil || len(w.about(root, "Session cancelled")) != 0 {
						t.Fatalf("%s: somebody without rights stopped it: %v", kind, err)
					}
					w.reacts("bob", posts[0].ID, emoji)
					w.shows(root, "🛑 **Session cancelled** by")
					if _, err := w.record(root); err == nil || !a.over() {
						t.Errorf("%s, restart %v: stopped %v, the record lives: %v", kind, restart, a.over(), err == nil)
					}
					w.says("alice", root, "go on")
					if n := len(w.agents.all); n != 1 {
						t.Errorf("%s: %d agents", kind, n)
					}
				})
			}
		}
	}
}

// TestInterruptByAnyPost: ⏸️ on an answer interrupts, as on the header.
func TestInterruptByAnyPost(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.text(t, "m1", "thinking about it")
		w.settle()
		w.reacts("mallory", w.chat.OfKind(root, "answer")[0].ID, "pause_button")
		w.reacts("bob", w.chat.OfKind(root, "answer")[0].ID, "pause_button")
		if a.breaks != 1 || a.over() {
			t.Errorf("%d interrupts, stopped %v", a.breaks, a.over())
		}
	})
}

// TestNoStopOnCards: ❌ and ⏸️ on a card never end the session: not while it is
// open, not when it has just closed, not after a restart.
func TestNoStopOnCards(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.says("alice", root, "more")
		a.bash("t1", "touch x")
		w.settle()
		card := w.card(root).ID
		for _, moment := range []string{"open", "closed", "restarted"} {
			for _, emoji := range []string{"x", "octagonal_sign", "double_vertical_bar"} {
				w.reacts("alice", card, emoji)
			}
			if _, err := w.record(root); err != nil || a.breaks != 0 || len(w.about(root, "Session cancelled")) != 0 {
				t.Errorf("%s: %d interrupts, %v: %q", moment, a.breaks, err, chattest.Messages(w.chat.Said(root)))
			}
			switch moment {
			case "open":
				w.reacts("alice", card, "+1")
			case "closed":
				w.closed()
				w.restarted()
			}
		}
	})
}

// TestResumeByOldPost covers FUN-10: 🔄 on the header and on notices of before a
// restart resumes; on an answer too, since ❌ works there. Who may not is told
// so, once.
func TestResumeByOldPost(t *testing.T) {
	for _, kind := range []string{"header", "notice", "answer"} {
		inKept(t, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			w.closed()
			w.restarted()
			w.engine.Swap(w.rules(basicRules + notResumed))
			post := w.chat.OfKind(root, kind)[0].ID
			for _, emoji := range []string{"repeat", "arrow_forward", "arrows_counterclockwise"} {
				w.reacts("mallory", post, emoji)
			}
			told := w.about(root, "mallory is not authorized to resume this session")
			if len(told) != 1 || len(w.agents.all) != 1 {
				t.Errorf("%s: told %d times, %d agents", kind, len(told), len(w.agents.all))
			}
			w.reacts("bob", post, "repeat")
			if len(w.agents.all) != 2 || !w.latest().spec.Resume {
				t.Errorf("%s: %d agents", kind, len(w.agents.all))
			}
			if strings.Count(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), "**Session resumed** by @\u200bbob") != 1 {
				t.Errorf("%s: %q", kind, chattest.Messages(w.chat.Said(root)))
			}
		})
	}
}
