package session

import (
	"encoding/json"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

const (
	oneQuestion = `{"questions":[{"question":"Which?","header":"A","multiSelect":false,"options":[{"label":"Red"},{"label":"Blue"}]}]}`
	manyChoices = `{"questions":[{"question":"Which?","header":"A","multiSelect":true,"options":[{"label":"Red"},{"label":"Blue"},{"label":"Green"}]}]}`
)

func (a *fakeAgent) given(id string) map[string]string {
	var got struct{ Answers map[string]string }
	_ = json.Unmarshal(a.ask(id).UpdatedInput, &got)
	return got.Answers
}

// TestAnswerInWords covers RACE-12: a reply of somebody who may answer is the
// answer, not a message; words for an option are that option.
func TestAnswerInWords(t *testing.T) {
	for _, c := range []struct{ input, words, want string }{
		{oneQuestion, "neither, use green", "neither, use green"}, {oneQuestion, " 2 ", "Blue"}, {oneQuestion, "red", "Red"}, {oneQuestion, "3", "3"},
		{manyChoices, "1, green", "Red, Green"}, {manyChoices, "2", "Blue"}, {manyChoices, "red, and pink", "red, and pink"},
	} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			a.call("q1", "AskUserQuestion", c.input)
			w.settle()
			w.says("bob", root, c.words)
			if got := a.given("k-q1")["Which?"]; got != c.want {
				t.Errorf("%q: answered %q, want %q", c.words, got, c.want)
			}
			w.shows(root, "*answered by @\u200bbob*")
			chattest.Want(t, a.sent(), "hello")
			w.says("alice", root, "and now?")
			chattest.Want(t, a.sent(), "hello", "and now?")
		})
	}
}

// TestWordsOfOthers covers SEC-17: who may not answer, by the reaction rules or
// by the rule that asked, writes a message as ever.
func TestWordsOfOthers(t *testing.T) {
	rules := ruleOn("reaction", "not-bob", `reaction.target == "question" and reaction.meaning == "answer" and user.name == "bob"`, "then='deny'")
	inWorld(t, rules, func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", oneQuestion)
		w.settle()
		w.says("bob", root, "blue")
		if a.answered("k-q1") {
			t.Error("bob answered")
		}
		chattest.Want(t, a.sent(), "hello", "[@bob]: blue")
		w.says("mallory", root, "red")
		w.reacts("alice", w.card(root).ID, "+1")
		if a.answered("k-q1") || len(a.sent()) != 3 {
			t.Errorf("a stranger's message that was let in: sent %q, asks %v", a.sent(), a.asks)
		}
		w.says("alice", root, "blue")
		if a.given("k-q1")["Which?"] != "Blue" {
			t.Error("alice's answer did not count")
		}
	})
}

// TestQuestionsQueue: a second set of questions waits until the first is
// answered, and is asked then.
func TestQuestionsQueue(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", oneQuestion)
		a.call("q2", "AskUserQuestion", strings.ReplaceAll(oneQuestion, "Which?", "And?"))
		w.settle()
		if n := len(w.chat.OfKind(root, "card")); n != 1 {
			w.Fatalf("%d cards", n)
		}
		w.says("bob", root, "red")
		if a.answered("k-q2") || a.given("k-q1")["Which?"] != "Red" {
			w.Fatalf("answers %v %v", a.given("k-q1"), a.given("k-q2"))
		}
		w.settle()
		w.reacts("alice", w.card(root).ID, "two")
		if a.given("k-q2")["And?"] != "Blue" {
			t.Errorf("answers %v", a.given("k-q2"))
		}
	})
}

// TestQueuedQuestionWithdrawn: a question that waits for another one ends with
// Claude's turn, and leaves no card.
func TestQueuedQuestionWithdrawn(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", oneQuestion)
		a.call("q2", "AskUserQuestion", oneQuestion)
		a.h.Withdraw("k-q2")
		a.h.Withdraw("k-q1")
		w.settle()
		if n := len(w.chat.OfKind(root, "card")); n != 1 {
			t.Errorf("%d cards", n)
		}
		w.says("alice", root, "hello?")
		chattest.Want(t, a.sent(), "hello", "hello?")
	})
}

// TestDenyQuestion: !deny says that nobody wants to answer, and why.
func TestDenyQuestion(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", oneQuestion)
		w.settle()
		w.says("bob", root, "!deny let us talk about it first")
		if got := a.ask("k-q1"); got.Allow || !strings.Contains(got.Message, "@bob does not want to answer this, and says:\nlet us talk about it first") {
			t.Errorf("answered: %+v", got)
		}
	})
}
