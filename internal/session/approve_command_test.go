package session

import (
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost/chattest"
)

// TestApproveInWords covers A12 and RACE-12: !approve answers the only card that
// is open, once, and the card says who.
func TestApproveInWords(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, card := w.asked("touch x")
		w.says("bob", root, "!approve")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"touch x"}` {
			t.Fatalf("answered: %+v", got)
		}
		if now := w.card(root); now.ID != card.ID || !strings.Contains(now.Message, "✅ **Allowed** by @\u200bbob") {
			t.Errorf("card:\n%s", now.Message)
		}
		w.says("bob", root, "!deny")
		w.shows(root, "Nothing is waiting for an answer")
		if !a.ask("k-t1").Allow {
			t.Error("it was answered twice")
		}
	})
}

// TestApproveWhich covers A12: without an id one of several is not guessed, and
// an id is of this thread only (I9).
func TestApproveWhich(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		a.bash("t2", "touch y")
		w.settle()
		w.says("bob", root, "!approve")
		w.shows(root, "Several are waiting: say which, `c1`, `c2`")
		w.says("bob", root, "!approve c9")
		w.shows(root, "`c9` is not open; waiting: `c1`, `c2`")
		other, b, _ := w.asked("touch z")
		w.says("bob", other, "!approve c2")
		if a.answered("k-t1") || a.answered("k-t2") || b.answered("k-t1") {
			t.Fatal("something was guessed")
		}
		w.says("bob", root, "!approve C2")
		if a.answered("k-t1") || !a.ask("k-t2").Allow {
			t.Error("c2 is not what was approved")
		}
	})
}

// TestDenyInWords: Claude reads the reason word for word, and whose it is.
func TestDenyInWords(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		w.says("bob", root, "!deny use `mktemp` instead,\nand clean up")
		if got := a.ask("k-t1"); got.Allow || got.Message != "@bob denied this, and says:\nuse `mktemp` instead,\nand clean up" {
			t.Errorf("answered: %+v", got)
		}
		w.shows(root, "❌ **Denied** by @\u200bbob:\n> use")
	})
}

// TestPlanInWords covers RACE-12 for plans: approved, or changes asked for with
// the words that say which.
func TestPlanInWords(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.planned(plan)
		w.says("bob", root, "!deny also write tests")
		if got := a.ask("k-t1"); got.Allow || got.Message != "@bob wants changes to the plan, and says:\nalso write tests" {
			t.Fatalf("answered: %+v", got)
		}
		a.call("t2", "ExitPlanMode", plan)
		time.Sleep(10 * time.Second) // she cannot mean the card that bob has closed
		w.says("alice", root, "!approve")
		w.says("bob", root, "!deny")
		if got := a.ask("k-t2"); !got.Allow {
			t.Errorf("answered: %+v", got)
		}
		w.shows(root, "✅ **Plan approved** by")
	})
}

// TestWordsHaveNoOtherRights covers SEC-17 and I8: the reaction rules say whose
// words count, and so does the rule that asked.
func TestWordsHaveNoOtherRights(t *testing.T) {
	const talkers = "[[rule]]\nid='any'\non='command'\nwhen='true'\nthen='allow'\n"
	owners := ruleOn("tool", "mine", `tool.name == "Bash"`, "then='ask'\nwhy='mine'\napprovers=['owner']")
	inWorld(t, talkers+owners, func(w *world) {
		root, a, _ := w.asked("touch x")
		for _, name := range []string{"mallory", "bob"} {
			for _, words := range []string{"!approve", "!deny no", "!approve c1 touch y"} {
				w.says(name, root, words)
			}
			w.shows(root, "⛔ @\u200b"+name+" may not answer c1; who may: owner")
		}
		if a.answered("k-t1") {
			t.Fatalf("answered: %+v", a.ask("k-t1"))
		}
		w.says("alice", root, "!approve")
		if !a.ask("k-t1").Allow {
			t.Error("the owner's words did not count")
		}
	})
}

// TestWordsAndQuorum covers A7: words and a reaction of one person are one vote.
func TestWordsAndQuorum(t *testing.T) {
	inWorld(t, two, func(w *world) {
		root, a, card := w.asked("touch x")
		w.reacts("alice", card.ID, "+1")
		w.says("alice", root, "!approve")
		if a.answered("k-t1") {
			t.Fatal("one person was enough")
		}
		w.says("bob", root, "!approve c1")
		if !a.ask("k-t1").Allow {
			t.Error("two were not enough")
		}
	})
}

// TestApproveEdited covers A13: another command runs in the place of Claude's,
// and the thread says what was changed.
func TestApproveEdited(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("rm -rf build\necho done")
		w.says("bob", root, "!approve c1 `rm -rf build/cache`")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"rm -rf build/cache"}` {
			t.Fatalf("answered: %+v %s", got, got.UpdatedInput)
		}
		w.shows(root, "as @\u200bbob changed it:")
		w.shows(root, "-rm -rf build\n-echo done\n+rm -rf build/cache")
	})
}

// TestEditedIsDenied covers A13: what somebody writes in the place of a command
// passes the deny rules like any other, and the call still waits.
func TestEditedIsDenied(t *testing.T) {
	no := ruleOn("tool", "no-push", `any(tool.commands, .prog == "git" and .sub == "push")`, "then='deny'\nwhy='nothing leaves'")
	inWorld(t, no, func(w *world) {
		root, a, card := w.asked("touch x")
		w.says("bob", root, "!approve git push")
		w.shows(root, "is denied by rule no-push: nothing leaves")
		if a.answered("k-t1") || !strings.Contains(w.card(root).Message, "touch x") {
			t.Fatalf("answered: %+v", a.asks)
		}
		w.reacts("alice", card.ID, "+1")
		if got := a.ask("k-t1"); string(got.UpdatedInput) != `{"command":"touch x"}` {
			t.Errorf("answered: %s", got.UpdatedInput)
		}
	})
}

// TestEditedAsksMore covers A13: where the changed command asks for more people
// there is a new card for it, old votes are gone, and only who changed it has
// voted.
func TestEditedAsksMore(t *testing.T) {
	more := ruleOn("tool", "prod", `any(tool.commands, .prog == "kubectl")`, "then='ask'\nwhy='production'\nquorum=2")
	inWorld(t, more, func(w *world) {
		root, a, first := w.asked("touch x")
		w.says("bob", root, "!approve kubectl delete pod x")
		if a.answered("k-t1") {
			t.Fatalf("answered: %+v", a.ask("k-t1"))
		}
		card := w.card(root)
		if card.ID == first.ID || !strings.Contains(card.Message, "kubectl delete pod x") || !strings.Contains(card.Message, "rule prod") || !strings.Contains(card.Message, "👍 1: bob") {
			t.Fatalf("card:\n%s", card.Message)
		}
		w.reacts("alice", first.ID, "+1")
		if a.answered("k-t1") {
			t.Fatal("a click on the old card approved the new command")
		}
		w.reacts("alice", card.ID, "+1")
		if got := a.ask("k-t1"); !got.Allow || !strings.Contains(string(got.UpdatedInput), "kubectl delete pod x") {
			t.Errorf("answered: %+v %s", got, got.UpdatedInput)
		}
	})
}

// TestEditedIsRewritten covers A1 and A13: a hook rewrites what a person wrote as
// it does what Claude wrote, and what was judged last is what runs.
func TestEditedIsRewritten(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.hooked("", rewriting("touch y")))
		root, a, _ := w.asked("touch a")
		w.says("bob", root, "!approve touch x")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"touch y"}` {
			t.Errorf("answered: %+v %s", got, got.UpdatedInput)
		}
	})
}

// TestOnlyCommandsChange: of other calls there is nothing to write anew.
func TestOnlyCommandsChange(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("t1", "Write", `{"file_path":"/x","content":"y"}`)
		w.settle()
		w.says("bob", root, "!approve something else")
		w.shows(root, "c1 cannot be changed")
		if a.answered("k-t1") {
			t.Error("answered")
		}
	})
}

// TestStartInWords: what waits without a session is answered in words too.
func TestStartInWords(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		w.says("bob", root, "@claude-code !approve s1")
		if len(w.agents.all) != 1 {
			t.Errorf("%d agents: %q", len(w.agents.all), chattest.Messages(w.chat.Said(root)))
		}
		other := w.says("alice", "", "@claude-code two")
		w.says("bob", other, "@claude-code !deny not on a Friday")
		w.shows(other, "@alice ⛔ no session is started: not on a Friday")
	})
}

// TestGrantsListed covers A11 and SEC-15: grants say whose they are and since
// when, are revoked one by one, and end with who gave them.
func TestGrantsListed(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, card := w.asked("touch x")
		w.says("alice", root, "!grants")
		w.shows(root, "**Grants:** none")
		w.reacts("bob", card.ID, "white_check_mark")
		a.done(t, "t1")
		time.Sleep(2 * time.Minute)
		w.says("alice", root, "!grants")
		w.shows(root, "`g1` by @\u200bbob since")
		a.bash("t2", "touch y")
		if got := a.gates["g-t2"].Decision; got != "allow" {
			t.Fatalf("the grant does not hold: %v", got)
		}
		a.done(t, "t2")
		w.says("alice", root, "!revoke g1")
		w.shows(root, "🔒 **Revoked** g1 by @\u200balice; people are asked again.")
		a.bash("t3", "touch z")
		if got := a.gates["g-t3"].Decision; got != "ask" {
			t.Errorf("after !revoke: %v", got)
		}
		w.settle()
		w.reacts("bob", w.card(root).ID, "white_check_mark")
		w.says("alice", root, "!grants")
		w.shows(root, "`g2` by @\u200bbob since") // an id is not given twice
		w.says("alice", root, "!revoke g7")
		w.shows(root, "Usage: `!revoke")
		w.host.session(w.host.threadID(w.rootID(root))).dropGrantsOf("u-bob")
		w.settle()
		w.shows(root, "What @\u200bbob granted has ended")
	})
}

// TestRevokeOwn covers A11: everybody ends what they granted, and those in
// charge what others did.
func TestRevokeOwn(t *testing.T) {
	const more = "[[rule]]\nid='any'\non='command'\nwhen='true'\nthen='allow'\n[[rule]]\nid='react'\non='reaction'\nwhen='true'\nthen='allow'\n"
	rules := strings.Replace(basicRules+more, `approvers = ["allowed"]`, "approvers = [\"allowed\", \"invited\"]", 1)
	inAsking(t, rules, func(w *world) {
		root, a, card := w.asked("touch x")
		s := w.host.session(w.host.threadID(w.rootID(root)))
		s.invite("u-mallory", "u-alice")
		w.reacts("bob", card.ID, "white_check_mark")
		a.done(t, "t1")
		w.says("mallory", root, "!revoke g1")
		w.shows(root, "may only revoke their own grants")
		w.says("mallory", root, "and you?")
		s.Lock()
		s.Desk.Grant("u-mallory", s.host.Clock.Now())
		s.Unlock()
		w.says("mallory", root, "!revoke all")
		w.shows(root, "**Revoked** g2 by @\u200bmallory; 1 left.")
		w.says("bob", root, "!revoke")
		w.shows(root, "**Revoked** g1 by @\u200bbob")
	})
}

// TestGrantsEndWithPause covers SEC-15: a restart ends grants, and says so.
func TestGrantsEndWithPause(t *testing.T) {
	inKept(t, func(w *world) {
		root, a, card := w.asked("touch x")
		w.reacts("bob", card.ID, "white_check_mark")
		a.done(t, "t1")
		a.replies(t, "m1", "here")
		w.closed()
		w.shows(root, "What ✅ granted in this session has ended")
		w.restarted()
		w.says("alice", root, "go on")
		b := w.latest()
		b.bash("t2", "touch y")
		if got := b.gates["g-t2"].Decision; got != "ask" {
			t.Errorf("after the restart: %v", got)
		}
	})
}
