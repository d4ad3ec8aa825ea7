package session

import (
	"strings"
	"testing"
)

const plan = `{"plan":"1. look\n2. build"}`

// TestPlanApproved: a plan is before people in every mode; 👍 of an approver
// lets Claude begin, with the plan that was shown.
func TestPlanApproved(t *testing.T) {
	inWorld(t, "[[rule]]\nid='plans'\non='tool'\nwhen='tool.name == \"ExitPlanMode\"'\nthen='allow'\n", func(w *world) {
		w.set.Mode = "bypass"
		root, a, card := w.planned(plan)
		if !strings.Contains(card.Message, "Plan ready for approval") || !strings.Contains(card.Message, "2. build") {
			t.Errorf("card:\n%s", card.Message)
		}
		w.reacts("mallory", card.ID, "+1")
		w.unreacts("bob", card.ID, "+1")
		if len(a.asks) != 0 {
			w.Fatalf("answered: %+v", a.asks)
		}
		w.reacts("bob", card.ID, "+1")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != plan {
			t.Errorf("answered: %+v", got)
		}
		w.shows(root, "✅ **Plan approved** by")
	})
}

// TestPlanDenied: 👎 asks for changes, once; a later 👍 changes nothing.
func TestPlanDenied(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, post := w.planned(plan)
		card := post.ID
		w.reacts("bob", card, "-1")
		w.reacts("alice", card, "+1")
		if got := a.ask("k-t1"); got.Allow || !strings.Contains(got.Message, "revise the plan") {
			t.Errorf("answered: %+v", got)
		}
		w.shows(root, "❌ **Changes requested** by")
	})
}

// TestPlanGivesNoGrant covers A11: ✅ on a plan approves the plan only.
func TestPlanGivesNoGrant(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.planned(plan)
		w.reacts("bob", w.card(root).ID, "white_check_mark")
		if !a.ask("k-t1").Allow {
			w.Fatal("not approved")
		}
		a.done(t, "t1")
		a.bash("t2", "touch x")
		if got := a.gates["g-t2"].Decision; got != "ask" {
			t.Errorf("the next call: %v", got)
		}
	})
}

// TestPlanApprovers covers A7: a rule that asks for a plan names who may
// approve it, as for any other call.
func TestPlanApprovers(t *testing.T) {
	const rule = "[[rule]]\nid='plans'\non='tool'\nwhen='tool.name == \"ExitPlanMode\"'\nthen='ask'\nwhy='big things'\napprovers=['owner']\n"
	inWorld(t, rule, func(w *world) {
		_, a, post := w.planned(plan)
		card := post.ID
		w.reacts("bob", card, "+1")
		w.reacts("bob", card, "-1")
		if len(a.asks) != 0 {
			w.Fatalf("somebody else answered: %+v", a.asks)
		}
		w.reacts("alice", card, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("the owner's approval did not count")
		}
	})
}

// TestPlanQuorum covers A6 and A7: a plan that two have to approve waits for
// two approvals that stand.
func TestPlanQuorum(t *testing.T) {
	const rule = "[[rule]]\nid='plans'\non='tool'\nwhen='tool.name == \"ExitPlanMode\"'\nthen='ask'\nwhy='big things'\nquorum=2\n"
	inWorld(t, rule, func(w *world) {
		_, a, post := w.planned(plan)
		card := post.ID
		w.reacts("bob", card, "+1")
		w.unreacts("bob", card, "+1")
		w.reacts("alice", card, "+1")
		if len(a.asks) != 0 {
			w.Fatalf("one was enough: %+v", a.asks)
		}
		w.reacts("bob", card, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("two approvals were not enough")
		}
	})
}

// TestQuestionApprovers: who may answer a question is said by the rule that
// asks for it.
func TestQuestionApprovers(t *testing.T) {
	const rule = "[[rule]]\nid='q'\non='tool'\nwhen='tool.name == \"AskUserQuestion\"'\nthen='ask'\nwhy='owner knows'\napprovers=['owner']\n"
	inWorld(t, rule, func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", `{"questions":[{"question":"Which?","header":"A","multiSelect":false,"options":[{"label":"Red"},{"label":"Blue"}]}]}`)
		w.settle()
		card := w.card(root).ID
		w.reacts("bob", card, "one")
		if len(a.asks) != 0 {
			w.Fatalf("somebody else answered: %+v", a.asks)
		}
		w.reacts("alice", card, "two")
		if got := a.ask("k-q1"); !got.Allow || !strings.Contains(string(got.UpdatedInput), "Blue") {
			t.Errorf("answered: %+v", got)
		}
	})
}

// TestPlanDeniedNow covers SEC-16: a plan is approved under the rules in force
// at that moment, and a denial wins.
func TestPlanDeniedNow(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.planned(plan)
		w.engine.Swap(w.rules(basicRules + "[[rule]]\nid='never'\non='tool'\nwhen='tool.name == \"ExitPlanMode\"'\nthen='deny'\nwhy='not now'\n"))
		w.reacts("bob", w.card(root).ID, "+1")
		if got, answered := a.asks["k-t1"]; !answered || got.Allow || !strings.Contains(got.Message, "not now") {
			t.Errorf("answered: %v %+v", answered, got)
		}
	})
}

// TestPlanByParticipants: where no rule asks for a plan, whoever the reaction
// rules admit approves it, also who may approve no call.
func TestPlanByParticipants(t *testing.T) {
	const rule = "[[rule]]\nid='plans'\non='reaction'\nwhen='reaction.target == \"plan\" and user.name == \"mallory\"'\nthen='allow'\n"
	inWorld(t, rule, func(w *world) {
		root, a, _ := w.planned(plan)
		w.reacts("mallory", w.card(root).ID, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("a participant's approval did not count")
		}
	})
}
