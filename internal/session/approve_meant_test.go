package session

import (
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"strings"
	"testing"
	"time"
)

// TestApproveIsNotOfTheNextCard covers A12: !approve without an id, on its way
// while somebody else answers the card it means, is not a yes to the next one.
func TestApproveIsNotOfTheNextCard(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, card := w.asked("touch x")
		w.reacts("bob", card.ID, "+1")
		a.done(t, "t1")
		a.bash("t2", "touch y")
		w.says("alice", root, "!approve")
		if a.answered("k-t2") {
			t.Fatalf("approved what nobody had seen: %+v", a.ask("k-t2"))
		}
		w.shows(root, "say which")
		w.says("alice", root, "!approve c2")
		if !a.ask("k-t2").Allow {
			t.Error("its id is not enough")
		}
		a.done(t, "t2")
		a.bash("t3", "touch z")
		w.says("alice", root, "!approve")
		if !a.ask("k-t3").Allow {
			t.Error("who answered the last card is asked which")
		}
		a.done(t, "t3")
		a.bash("t4", "touch zz")
		time.Sleep(time.Minute)
		w.says("bob", root, "!approve")
		if !a.ask("k-t4").Allow {
			t.Error("a card that has been there for a while needs an id")
		}
	})
}

// TestWrittenBeforeTheCard covers A12 and RACE-12: what somebody wrote before a
// card was there is no answer to it, however late it is handled.
func TestWrittenBeforeTheCard(t *testing.T) {
	late := func(w *world, root, text string) {
		w.chat.Mu.Lock()
		p := *w.chat.Add("u-bob", root, text, nil)
		w.chat.Mu.Unlock()
		p.CreateAt -= time.Minute.Milliseconds()
		w.host.ears().receive(mattermost.Posted{Post: p})
		w.settle()
	}
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		for _, text := range []string{"!approve", "!approve c1", "!approve c1 touch y", "!deny c1 no"} {
			late(w, root, text)
			if a.answered("k-t1") {
				t.Fatalf("%s, written before the card, answered it: %+v", text, a.ask("k-t1"))
			}
		}
		w.shows(root, "Nothing is waiting")
		w.says("bob", root, "!approve c1")
		if !a.ask("k-t1").Allow {
			t.Error("what is written below the card does not count")
		}
	})
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", oneQuestion)
		w.settle()
		late(w, root, "by the way")
		if a.answered("k-q1") {
			t.Fatalf("words from before the question answered it: %v", a.given("k-q1"))
		}
		chattest.Want(t, a.sent(), "hello", "[@bob]: by the way")
		w.says("bob", root, "blue")
		if a.given("k-q1")["Which?"] != "Blue" {
			t.Error("words below the question do not answer it")
		}
	})
}

// TestEditorIsARequester covers A7 and A13: whoever writes what runs has asked
// for it; where requesters do not count, somebody else has to approve it.
func TestEditorIsARequester(t *testing.T) {
	inWorld(t, ruleOn("tool", "other", `tool.name == "Bash"`, "then='ask'\nwhy='four eyes'\nrequester=false"), func(w *world) {
		root, a, _ := w.asked("touch x")
		w.says("bob", root, "!approve touch y")
		if a.answered("k-t1") {
			t.Fatalf("approved alone what he wrote himself: %s", a.ask("k-t1").UpdatedInput)
		}
		w.reacts("bob", w.card(root).ID, "+1")
		if a.answered("k-t1") {
			t.Fatal("his thumb counts")
		}
	})
}

// TestInvitedByAll: where a rule wants two to let a message in, ✅ of one of them
// is no invitation; of both it is.
func TestInvitedByAll(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.rules(strings.Replace(basicRules, `approvers = ["owner", "allowed"]`, "approvers = [\"owner\", \"allowed\"]\nquorum = 2", 1)))
		root, a := w.opened()
		s := w.host.session(w.host.threadID(w.rootID(root)))
		w.says("mallory", root, "let me in")
		card := w.card(root)
		w.reacts("alice", card.ID, "+1")
		w.reacts("bob", card.ID, "white_check_mark")
		if _, invited := s.standing("u-mallory"); invited || len(a.sent()) != 2 {
			t.Fatalf("one person invited whom two have to let in: %v, %q", invited, a.sent())
		}
		w.says("mallory", root, "and for good")
		card = w.card(root)
		w.reacts("alice", card.ID, "white_check_mark")
		w.reacts("bob", card.ID, "white_check_mark")
		if _, invited := s.standing("u-mallory"); !invited {
			t.Error("both invited")
		}
	})
}
