package session

import (
	"slices"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

const two = "[[rule]]\nid='two'\non='tool'\nwhen='tool.name == \"Bash\"'\nthen='ask'\nwhy='two of you'\nquorum=2\n"

// unreacts takes a reaction back.
func (w *world) unreacts(name, post, emoji string) {
	r := mattermost.Reaction{UserID: "u-" + name, PostID: post, Emoji: emoji}
	w.chat.Mu.Lock()
	w.chat.Under[post] = slices.DeleteFunc(w.chat.Under[post], func(o mattermost.Reaction) bool {
		return o.UserID == r.UserID && o.Emoji == r.Emoji
	})
	w.chat.Mu.Unlock()
	w.host.ears().receive(mattermost.ReactionRemoved{Reaction: r})
	w.settle()
}

// TestQuorum covers A6 and A7: two different people have to approve; a thumb in
// another colour is the same person's, and one that is taken back is gone.
func TestQuorum(t *testing.T) {
	inWorld(t, two, func(w *world) {
		root, a, post := w.asked("touch x")
		card := post.ID
		w.reacts("alice", card, "+1")
		w.shows(root, "👍 1: alice")
		w.reacts("alice", card, "thumbsup_dark_skin_tone")
		w.reacts("mallory", card, "+1")
		w.unreacts("alice", card, "+1")
		w.reacts("bob", card, "+1")
		if len(a.asks) != 0 {
			w.Fatalf("answered without two approvals that stand: %+v", a.asks)
		}
		w.shows(root, "👍 1: bob")
		w.reacts("alice", card, "+1")
		if got := a.ask("k-t1"); !got.Allow {
			t.Errorf("answered: %+v", got)
		}
	})
}

// TestQuorumDenied covers A7: one approver's no ends it.
func TestQuorumDenied(t *testing.T) {
	inWorld(t, two, func(w *world) {
		root, a, post := w.asked("touch x")
		card := post.ID
		w.reacts("alice", card, "+1")
		w.reacts("bob", card, "-1")
		if _, answered := a.asks["k-t1"]; !answered || a.ask("k-t1").Allow {
			t.Errorf("answered: %+v", a.asks)
		}
		w.reacts("bob", card, "+1")
		if a.ask("k-t1").Allow {
			t.Error("a no was taken back")
		}
		w.shows(root, "❌ **Denied** by")
	})
}

// TestNotRequester covers A7: where requesters do not count, neither does who
// added a message to the turn.
func TestNotRequester(t *testing.T) {
	const rule = "[[rule]]\nid='other'\non='tool'\nwhen='tool.name == \"Bash\"'\nthen='ask'\nwhy='four eyes'\nrequester=false\n"
	inWorld(t, rule, func(w *world) {
		root, a, post := w.asked("touch x")
		card := post.ID
		w.reacts("alice", card, "+1")
		if len(a.asks) != 0 {
			w.Fatalf("the requester's own approval: %+v", a.asks)
		}
		w.reacts("bob", card, "+1")
		if !a.ask("k-t1").Allow {
			w.Fatalf("another's approval did not count")
		}
		a.done(t, "t1")
		w.says("bob", root, "and this too")
		a.bash("t2", "touch y")
		w.settle()
		card = w.card(root).ID
		w.reacts("alice", card, "+1")
		w.reacts("bob", card, "+1")
		if got := a.ask("k-t2"); got.Allow {
			t.Error("two requesters approved their own turn")
		}
	})
}

// done is the result of a call.
func (a *fakeAgent) done(t *testing.T, use string) {
	t.Helper()
	a.says(t, `{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":%q,"content":"ok"}]}}`, use)
}

// TestGrant covers A11: ✅ on a card of the default lifts the default for this
// session, and nothing else.
func TestGrant(t *testing.T) {
	const write = "[[rule]]\nid='write'\non='tool'\nwhen='tool.name == \"Write\"'\nthen='ask'\nwhy='writing'\n"
	inWorld(t, write, func(w *world) {
		root, a, _ := w.asked("touch x")
		w.reacts("bob", w.card(root).ID, "white_check_mark")
		if !a.ask("k-t1").Allow {
			w.Fatal("not allowed")
		}
		w.shows(root, "✅ **Allowed all** by")
		a.done(t, "t1")
		a.bash("t2", "touch y")
		if got := a.gates["g-t2"].Decision; got != claude.Allow {
			w.Fatalf("the grant does not hold: %v", got)
		}
		a.done(t, "t2")
		a.call("t3", "Write", `{"file_path":"`+w.set.Dir+`/f","content":"x"}`)
		w.settle()
		if got := a.gates["g-t3"].Decision; got != claude.Ask {
			w.Fatalf("a call that a rule asks for: %v", got)
		}
		if seeds := w.chat.Marks(w.card(root).ID); slices.Contains(seeds, "white_check_mark") {
			t.Errorf("✅ is offered on a rule's card: %v", seeds)
		}
		w.reacts("bob", w.card(root).ID, "-1")
		a.bash("t4", `$(cat x) y`)
		if got := a.gates["g-t4"].Decision; got != claude.Ask {
			t.Errorf("a call that nobody can see into: %v", got)
		}
		other, b := w.opened()
		b.bash("u1", "touch x")
		w.settle()
		if got := b.gates["g-u1"].Decision; got != claude.Ask || len(w.chat.OfKind(other, "card")) != 1 {
			t.Errorf("another session: %v", got)
		}
	})
}

// TestGrantOnRulesCard covers A11: ✅ on a card that a rule asked for is one 👍.
func TestGrantOnRulesCard(t *testing.T) {
	inWorld(t, two, func(w *world) {
		root, a, post := w.asked("touch x")
		card := post.ID
		w.reacts("alice", card, "white_check_mark")
		if len(a.asks) != 0 {
			w.Fatalf("one ✅ was enough: %+v", a.asks)
		}
		w.reacts("bob", card, "white_check_mark")
		if !a.ask("k-t1").Allow {
			w.Fatal("not allowed")
		}
		if s := w.host.session(w.host.threadID(pipeline.PostID(root))); s == nil || len(s.Desk.Grants()) != 0 {
			t.Errorf("grants %+v", s.Desk.Grants())
		}
		a.done(t, "t1")
		a.bash("t2", "touch y")
		if got := a.gates["g-t2"].Decision; got != claude.Ask {
			t.Errorf("the next call: %v", got)
		}
	})
}

// TestGrantNotForGuests covers A11: a grant does not cover what somebody asked
// for who could not have given it.
func TestGrantNotForGuests(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		w.reacts("alice", w.card(root).ID, "white_check_mark")
		a.done(t, "t1")
		a.ends(t)
		w.says("mallory", root, "do it for me")
		w.reacts("alice", w.card(root).ID, "+1")
		a.bash("t2", "touch y")
		if got := a.gates["g-t2"].Decision; got != claude.Ask {
			t.Errorf("mallory's call: %v", got)
		}
		w.settle()
		w.reacts("mallory", w.card(root).ID, "+1")
		if len(a.sent()) != 2 || a.ask("k-t2").Allow {
			t.Errorf("sent %q, asks %+v", a.sent(), a.asks)
		}
	})
}
