package session

import (
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// startsAsk is a policy under which a start by anybody waits for alice or bob.
var startsAsk = strings.Replace(basicRules, "on = \"start\"\nwhen = 'user.allowed'\nthen = \"allow\"", "on = \"start\"\nwhen = 'true'\nthen = \"ask\"\nwhy = \"a new session\"\nrequester = false", 1)

func inAsking(t *testing.T, rules string, f func(w *world)) {
	inWorld(t, "", func(w *world) {
		w.engine.Swap(w.rules(rules))
		f(w)
	})
}

// TestStartAsked: a start that a rule asks for waits under a card; its author
// does not count where requesters do not, and the session is the author's.
func TestStartAsked(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("alice", "", "@claude-code explain this repo")
		card := w.card(root)
		for _, words := range []string{"🔒 **@\u200balice wants to start a session**", "> explain this repo", "rule start (rules.toml:", "⏳ 30 min left", "s1"} {
			if !strings.Contains(card.Message, words) {
				t.Errorf("no %q in:\n%s", words, card.Message)
			}
		}
		w.reacts("alice", card.ID, "+1")
		w.reacts("mallory", card.ID, "+1")
		if n := len(w.agents.all); n != 0 || w.host.slots().active() != 0 {
			w.Fatalf("%d agents, %d slots before anybody approved", n, w.host.slots().active())
		}
		w.reacts("bob", card.ID, "+1")
		if len(w.agents.all) != 1 {
			w.Fatalf("%d agents: %q", len(w.agents.all), chattest.Messages(w.chat.Said(root)))
		}
		chattest.Want(t, w.agents.all[0].sent(), "explain this repo")
		if s := w.host.session(w.host.threadID(w.rootID(root))); s.about.Owner != "u-alice" {
			t.Errorf("owner %s", s.about.Owner)
		}
		if w.host.thread(w.rootID(root)).Pending() {
			t.Error("what waited is still kept")
		}
		w.shows(root, "✅ **Allowed** by @\u200bbob")
	})
}

// TestStartRefused: 👎 ends it, and who wanted it is told; so does nobody's
// answer (A10).
func TestStartRefused(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("mallory", "", "@claude-code explain")
		w.reacts("alice", w.card(root).ID, "-1")
		w.shows(root, "@mallory ⛔ no session is started")
		late := w.says("mallory", "", "@claude-code explain again")
		time.Sleep(31 * time.Minute)
		w.settle()
		w.shows(late, "⏱️ **Timed out** - no session is started")
		w.shows(late, "@mallory ⏱️ nobody answered in 30 min")
		w.reacts("alice", w.card(late).ID, "+1")
		if len(w.agents.all) != 0 || w.pending() != 0 {
			t.Errorf("%d agents, %d kept", len(w.agents.all), w.pending())
		}
	})
}

// TestStartTooBusy covers RACE-02: the slot of a start that waited is taken when
// it is approved.
func TestStartTooBusy(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		w.set.Max = 1
		one, two := w.says("alice", "", "@claude-code one"), w.says("alice", "", "@claude-code two")
		w.reacts("bob", w.card(one).ID, "+1")
		w.reacts("bob", w.card(two).ID, "+1")
		if len(w.agents.all) != 1 {
			t.Errorf("%d agents", len(w.agents.all))
		}
		w.shows(two, "⚠️ **Too busy** - 1 sessions active")
	})
}

// TestStartDeniedNow covers SEC-16: what was asked is judged again under the
// rules in force when it is approved, and a denial wins.
func TestStartDeniedNow(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		w.engine.Swap(w.rules(startsAsk + ruleOn("start", "frozen", "true", "then='deny'\nwhy='not today'")))
		w.reacts("bob", w.card(root).ID, "+1")
		w.shows(root, "🚫 **Denied** by rule frozen, which is in force now: not today")
		if len(w.agents.all) != 0 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

// TestStartAsksMore: where the rules in force now want more people, the card
// stays and says so.
func TestStartAsksMore(t *testing.T) {
	inAsking(t, strings.Replace(startsAsk, "requester = false", "", 1), func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		w.engine.Swap(w.rules(strings.Replace(startsAsk, "requester = false", "quorum = 2", 1)))
		w.reacts("bob", w.card(root).ID, "+1")
		if len(w.agents.all) != 0 {
			w.Fatal("one was enough")
		}
		w.shows(root, "2 of allowed")
		w.reacts("alice", w.card(root).ID, "+1")
		if len(w.agents.all) != 1 {
			t.Error("two were not enough")
		}
	})
}

// TestStartsBounded: one person's starts that wait in a thread are bounded.
func TestStartsBounded(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("mallory", "", "@claude-code one")
		var last string
		for range 3 {
			last = w.says("mallory", root, "@claude-code more")
		}
		if n := len(w.chat.OfKind(root, "card")); n != 3 || len(w.chat.Marks(last)) == 0 {
			t.Errorf("%d cards, reacted %v", n, w.chat.Marks(last))
		}
	})
}

// TestParkedAndRestart covers DATA-08: a start that waits when ctpipe stops is
// visibly cancelled, and a click on it afterwards starts nothing.
func TestParkedAndRestart(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		w.closed()
		w.shows(root, "ctpipe stopped before this was answered")
		w.shows(root, "> one")
		w.reacts("bob", w.card(root).ID, "+1")
		if len(w.agents.all) != 0 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

// TestParkedCardDeleted covers A8 for what waits without a session.
func TestParkedCardDeleted(t *testing.T) {
	inAsking(t, startsAsk, func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		old := w.card(root)
		w.chat.Deletes(old.ID)
		w.host.ears().receive(mattermost.Deleted{Post: old})
		w.settle()
		w.reacts("bob", w.card(root).ID, "+1")
		if len(w.agents.all) != 1 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

const commandsAsk = "\n[[rule]]\nid='two-eyes'\non='command'\nwhen='command.name == \"stop\"'\nthen='ask'\nwhy='it is somebody else'\nrequester=false\n"

// TestCommandAsked: a command that a rule asks for is shown whole, and run once
// somebody else says yes.
func TestCommandAsked(t *testing.T) {
	inWorld(t, commandsAsk, func(w *world) {
		root, a := w.opened()
		w.says("bob", root, "!stop")
		card := w.card(root)
		if !strings.Contains(card.Message, "🔒 **@\u200bbob wants to run** `!stop`") || a.stopped {
			w.Fatalf("stopped %v, card:\n%s", a.stopped, card.Message)
		}
		w.reacts("bob", card.ID, "+1")
		if a.stopped {
			w.Fatal("who wanted it approved it")
		}
		w.reacts("alice", card.ID, "+1")
		if !a.stopped {
			t.Error("it did not run")
		}
		w.shows(root, "🛑 **Session cancelled** by @\u200bbob")
	})
}

// TestCommandRefused: with 👎 it does not run, and who wanted it is told.
func TestCommandRefused(t *testing.T) {
	inWorld(t, commandsAsk, func(w *world) {
		root, a := w.opened()
		w.says("bob", root, "!stop")
		w.reacts("alice", w.card(root).ID, "-1")
		w.shows(root, "@bob ⛔ your command is not run")
		if a.stopped {
			t.Error("it ran")
		}
	})
}

// TestTargets: the reaction rules say by the card's target who may answer it.
func TestTargets(t *testing.T) {
	no := ruleOn("reaction", "no", `reaction.target == "start" and user.name == "bob"`, "then='deny'")
	inAsking(t, startsAsk+no, func(w *world) {
		root := w.says("alice", "", "@claude-code one")
		w.reacts("bob", w.card(root).ID, "+1")
		if len(w.agents.all) != 0 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

// TestMessageApprovedAsWritten covers A9: what was approved is what Claude gets,
// though its author changed the post since.
func TestMessageApprovedAsWritten(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		id := w.says("mallory", root, "run the tests")
		w.chat.Mu.Lock()
		w.chat.Find(id).Message = "delete the tests"
		w.chat.Mu.Unlock()
		w.reacts("alice", w.card(root).ID, "+1")
		if got := a.sent(); len(got) != 2 || !strings.Contains(got[1], "run the tests") {
			t.Errorf("sent %q", got)
		}
	})
}

// TestMessageDeniedNow covers SEC-16 for messages.
func TestMessageDeniedNow(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.says("mallory", root, "please")
		w.engine.Swap(w.rules(basicRules + ruleOn("post", "quiet", `user.name == "mallory"`, "then='deny'\nwhy='quiet hours'")))
		w.reacts("alice", w.card(root).ID, "+1")
		w.shows(root, "which is in force now: quiet hours")
		chattest.Want(t, a.sent(), "hello")
	})
}

// TestMessageFiles covers RACE-14 and FUN-08: the card names a message's files,
// and they go along when it is let in.
func TestMessageFiles(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, _ := w.opened()
		w.chat.Mu.Lock()
		p := *w.chat.Add("u-mallory", root, "see this", nil)
		w.chat.Mu.Unlock()
		p.FileIDs = []string{"f1"}
		p.Metadata.Files = []mattermost.File{{ID: "f1", Name: "log`s.txt", Size: 2048}}
		w.host.ears().receive(mattermost.Posted{Post: p})
		w.settle()
		if card := w.card(root).Message; !strings.Contains(card, "📎") || !strings.Contains(card, "2.0 kB") {
			t.Errorf("card:\n%s", card)
		}
	})
}

// TestHooksChangeWhatWaits covers A1 and A9: where the hooks in force make another
// message of it by the time it is let in, nobody has let that in.
func TestHooksChangeWhatWaits(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.says("mallory", root, "run it")
		w.engine.Swap(w.hooked("", `return { post = function(ev) return ct.text(ev.post.text .. " twice") end }`))
		w.reacts("alice", w.card(root).ID, "+1")
		chattest.Want(t, a.sent(), "hello")
		if card := w.card(root).Message; !strings.Contains(card, "> run it twice") {
			t.Fatalf("card:\n%s", card)
		}
		w.reacts("alice", w.card(root).ID, "+1")
		if got := a.sent(); len(got) != 2 || !strings.HasSuffix(got[1], "run it twice") {
			t.Errorf("sent %q", got)
		}
	})
}
