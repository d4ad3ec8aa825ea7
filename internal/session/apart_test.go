package session

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// TestThreadsApart covers I9: a reaction or command in one thread never acts on
// the session of another, though their calls bear the same ids.
func TestThreadsApart(t *testing.T) {
	inWorld(t, "", func(w *world) {
		rootA, a := w.opened()
		rootB, b := w.opened()
		a.bash("t1", "touch x")
		b.bash("t1", "touch x")
		w.settle()
		w.reacts("bob", w.card(rootA).ID, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("the approval did not count where it was given")
		}
		if len(b.asks) != 0 {
			t.Errorf("it counted in the other thread: %+v", b.asks)
		}
		w.reacts("alice", rootB, "+1")
		w.reacts("alice", w.chat.OfKind(rootA, "header")[0].ID, "+1")
		w.reacts("alice", w.chat.OfKind(rootB, "header")[0].ID, "+1")
		if len(b.asks) != 0 {
			t.Errorf("a reaction that was not made on the card counted: %+v", b.asks)
		}
		w.says("alice", rootA, "!stop")
		if !a.stopped || b.stopped {
			t.Errorf("stopped: %v, %v", a.stopped, b.stopped)
		}
		w.reacts("alice", w.chat.OfKind(rootA, "header")[0].ID, "x")
		if b.stopped {
			t.Error("❌ in the other thread stopped it")
		}
		w.reacts("bob", w.card(rootB).ID, "+1")
		if !b.ask("k-t1").Allow {
			t.Error("the card of the session that lives does not work")
		}
	})
}

// TestOtherChannel covers I9: what is said to happen in another channel is for
// nobody here, whatever post it names.
func TestOtherChannel(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		card := w.card(root).ID
		w.host.ears().receive(mattermost.ReactionAdded{Reaction: mattermost.Reaction{UserID: "u-bob", PostID: card, Emoji: "+1"}, ChannelID: "other"})
		w.host.ears().receive(mattermost.Posted{Post: mattermost.Post{ID: "px", UserID: "u-alice", ChannelID: "other", RootID: root, Message: "!stop"}})
		w.host.ears().receive(mattermost.UserRemoved{UserID: "u-bob", ChannelID: "other"})
		w.settle()
		if len(a.asks) != 0 || a.stopped {
			t.Errorf("asks %+v, stopped %v", a.asks, a.stopped)
		}
	})
}

// open is a policy without a list, where whoever the list would let in may
// start, talk and approve.
var open = strings.Replace(basicRules, `allowed_users = ["alice", "bob"]`, `allowed_users = []`, 1)

// TestEmptyList covers I5: without a list every person of the channel counts,
// and the header says so.
func TestEmptyList(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.rules(open))
		root := w.says("mallory", "", "@claude-code hello")
		if len(w.agents.all) != 1 {
			w.Fatalf("%d agents: %q", len(w.agents.all), chattest.Messages(w.chat.Said(root)))
		}
		w.shows(root, "anyone in this channel may use Claude")
	})
}

// TestStrangeAccounts covers I5, I6 and SEC-11: guests, deactivated accounts,
// those of other servers, and bots start nothing and approve nothing, with an
// empty list too.
func TestStrangeAccounts(t *testing.T) {
	for name, text := range map[string]string{"list": basicRules, "no list": open} {
		inWorld(t, "", func(w *world) {
			kinds := w.chat.Strange()
			w.engine.Swap(w.rules(text))
			root, a := w.opened()
			a.bash("t1", "touch x")
			w.settle()
			card := w.card(root).ID
			for _, kind := range slices.Sorted(maps.Keys(kinds)) {
				w.says(kind, "", "@claude-code hello")
				w.reacts(kind, card, "+1")
				w.reacts(kind, card, "-1")
				w.says(kind, root, "!stop")
			}
			if len(w.agents.all) != 1 || len(a.asks) != 0 || a.stopped {
				t.Errorf("%s: %d agents, asks %+v, stopped %v", name, len(w.agents.all), a.asks, a.stopped)
			}
			w.reacts("bob", card, "+1")
			if !a.ask("k-t1").Allow {
				t.Errorf("%s: a person's approval did not count", name)
			}
		})
	}
}

// TestListedAccounts covers I6: being on the list makes no bot, and nobody
// whose account is deactivated, a person.
func TestListedAccounts(t *testing.T) {
	listed := strings.Replace(basicRules, `["alice", "bob"]`, `["alice", "bob", "gone", "robot"]`, 1)
	inWorld(t, "", func(w *world) {
		w.chat.Strange()
		w.engine.Swap(w.rules(listed))
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		for _, kind := range []string{"gone", "robot"} {
			w.says(kind, "", "@claude-code hello")
			w.reacts(kind, w.card(root).ID, "+1")
		}
		if len(w.agents.all) != 1 || len(a.asks) != 0 {
			t.Errorf("%d agents, asks %+v", len(w.agents.all), a.asks)
		}
	})
}
