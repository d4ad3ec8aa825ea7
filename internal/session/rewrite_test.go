package session

import (
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// rewriting is a hook that puts another command in the place of "touch x".
func rewriting(to string) string {
	return `return { tool = function(ev)
		if ev.tool.name == "Bash" and ev.tool.input.command == "touch x" then
			return ct.input({ command = "` + to + `" })
		end
	end }`
}

// hooked is a policy of the basic rules, more of them, and one hook.
func (w *world) hooked(more, script string) *pipeline.Snapshot {
	w.Helper()
	text := basicRules + more + "\n[[hook]]\nscript = \"scripts/h.lua\"\n"
	p, findings := w.load.Build(map[string][]byte{"rules.toml": []byte(text), "scripts/h.lua": []byte(script)}, nil)
	if p == nil {
		w.Fatalf("rules: %+v", findings)
	}
	return p.Snapshot
}

// TestRewriteApproved covers A1 and A13: people see what a hook made of a call,
// and that is what runs once they approve it.
func TestRewriteApproved(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.hooked("", rewriting("touch y")))
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		card := w.card(root)
		if !strings.Contains(card.Message, "touch y") || strings.Contains(card.Message, "touch x") {
			t.Errorf("the card shows what does not run:\n%s", card.Message)
		}
		w.reacts("bob", card.ID, "+1")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"touch y"}` {
			t.Errorf("answered: %+v %s", got, got.UpdatedInput)
		}
	})
}

// TestRewriteAllowed covers A1: a call that a hook rewrites and a rule allows
// runs as rewritten, at the first door, and where file hooks make the first
// door say ask, at the second.
func TestRewriteAllowed(t *testing.T) {
	for _, fileHooks := range []bool{false, true} {
		inWorld(t, "", func(w *world) {
			w.set.FileHooks = fileHooks
			w.engine.Swap(w.hooked("[[rule]]\nid='y'\non='tool'\nwhen='tool.input.command == \"touch y\"'\nthen='allow'\n", rewriting("touch y")))
			root, a := w.opened()
			a.bash("t1", "touch x")
			w.settle()
			got := a.gates["g-t1"].UpdatedInput
			if fileHooks {
				got = a.ask("k-t1").UpdatedInput
			}
			if string(got) != `{"command":"touch y"}` {
				t.Errorf("file hooks %v: runs %s; gate %+v", fileHooks, got, a.gates["g-t1"])
			}
			if n := len(w.chat.OfKind(root, "card")); n != 0 {
				t.Errorf("file hooks %v: %d cards", fileHooks, n)
			}
		})
	}
}

// TestRewriteDenied covers A13: what a hook makes of a call passes the deny
// rules, and a rule that allows the original does not help.
func TestRewriteDenied(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.hooked("[[rule]]\nid='x'\non='tool'\nwhen='tool.input.command == \"touch x\"'\nthen='allow'\n"+
			"[[rule]]\nid='y'\non='tool'\nwhen='tool.input.command == \"touch y\"'\nthen='deny'\nwhy='no y'\n", rewriting("touch y")))
		_, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		if got := a.gates["g-t1"]; got.Decision != "deny" || !strings.Contains(got.Reason, "no y") {
			t.Errorf("answered: %+v", got)
		}
	})
}

// TestRewriteChanged covers A1: where the hook makes something else of the call
// by the time it is approved, the approval is void and a new card shows it.
func TestRewriteChanged(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.hooked("", rewriting("touch y")))
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		first := w.card(root)
		w.engine.Swap(w.hooked("", rewriting("touch z")))
		w.reacts("bob", first.ID, "+1")
		second := w.card(root)
		if len(a.asks) != 0 || second.ID == first.ID || !strings.Contains(second.Message, "touch z") {
			w.Fatalf("answered %+v, card:\n%s", a.asks, second.Message)
		}
		w.reacts("alice", first.ID, "+1")
		if len(a.asks) != 0 {
			w.Fatalf("an approval of the old card counted: %+v", a.asks)
		}
		w.reacts("bob", second.ID, "+1")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"touch z"}` {
			t.Errorf("answered: %+v %s", got, got.UpdatedInput)
		}
	})
}
