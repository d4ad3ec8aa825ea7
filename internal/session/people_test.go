package session

import (
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// TestNamesAreIDs covers I3, SEC-07 and SEC-08: a name that changes hands moves
// no rights, and an account that cannot be looked up has none.
func TestNamesAreIDs(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.says("alice", "", "@claude-code one")
		w.chat.Mu.Lock()
		alice := w.chat.Users["u-alice"]
		alice.Username = "alice2"
		w.chat.Users["u-alice"] = alice
		w.chat.Users["u-eve"] = mattermost.User{ID: "u-eve", Username: "alice"}
		w.chat.Mu.Unlock()
		time.Sleep(time.Hour)
		w.shows(w.says("eve", "", "@claude-code two"), "is not authorized")
		w.says("nobody", "", "@claude-code three")
		if n := len(w.agents.all); n != 1 {
			t.Errorf("%d agents", n)
		}
		if w.says("alice", "", "@claude-code four"); len(w.agents.all) != 2 {
			t.Error("who was renamed lost their rights")
		}
	})
}

// TestNotPeople covers I1, I2, I6 and SEC-11: what webhooks, bots, plugins and
// the server post starts nothing, whoever's id it bears.
func TestNotPeople(t *testing.T) {
	inWorld(t, "", func(w *world) {
		for _, p := range []mattermost.Post{
			{Props: map[string]any{"from_webhook": "true", "override_username": "alice"}}, {Props: map[string]any{"from_bot": "true"}},
			{Props: map[string]any{"from_plugin": "true"}}, {Type: "system_add_to_channel"},
		} {
			w.chat.Mu.Lock()
			made := *w.chat.Add("u-alice", "", "@claude-code go", p.Props)
			w.chat.Mu.Unlock()
			made.Type = p.Type
			w.host.ears().receive(mattermost.Posted{Post: made})
			w.settle()
		}
		if n := len(w.agents.all); n != 0 {
			t.Errorf("%d agents", n)
		}
	})
}

// TestGone covers I7 and SEC-16: who left the channel approves nothing.
func TestGone(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		w.chat.Mu.Lock()
		delete(w.chat.Members, "u-bob")
		w.chat.Mu.Unlock()
		w.reacts("bob", w.card(root).ID, "+1")
		if a.ask("k-t1").Allow {
			t.Error("somebody who left approved")
		}
		w.reacts("alice", w.card(root).ID, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("a member's approval did not count")
		}
	})
}

// TestPostsPerMinute: what one person writes over the limit gets a turtle and
// is not run; !stop always is.
func TestPostsPerMinute(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.set.Posts = 3
		root, a := w.opened()
		var last string
		for range 4 {
			last = w.post("alice", root, "more")
		}
		w.settle()
		if len(a.sent()) != 3 || strings.Join(w.chat.Marks(last), "") != tooMuch {
			t.Errorf("sent %q, reacted %v", a.sent(), w.chat.Marks(last))
		}
		w.says("alice", root, "!stop")
		w.shows(root, "Session cancelled")
	})
}

// TestFloodIsRecorded: a post that is one too many is an event like any other,
// denied by the floor and in the journal with its reason; the commands before a
// start are not even judged.
func TestFloodIsRecorded(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.set.Posts = 2
		var runs []*pipeline.Run
		w.host.Engine = pipeline.NewEngine(w.engine.Snapshot(), Hosts{"playground": w.host}, func(r *pipeline.Run) {
			if r.Event.User.Name == "alice" {
				runs = append(runs, r)
			}
		})
		root, a := w.opened()
		for _, text := range []string{"one", "two", "@bob for you", "!status"} {
			w.says("alice", root, text)
		}
		other := w.says("alice", "", "@claude-code !cd /tmp do it")
		w.says("alice", root, "!stop")
		var got []string
		for _, r := range runs {
			line := string(r.Event.Kind) + " " + r.Event.Post.Route
			if verdict, top := r.Verdict(); verdict != pipeline.Allow {
				line += " " + verdict.String() + " by " + pipeline.Names(top)
			}
			got = append(got, line)
		}
		chattest.Want(t, got, "start mention", "post thread", "post thread deny by floor flood", "command command deny by floor flood",
			"start start_command deny by floor flood", "command command")
		chattest.Want(t, a.sent(), "hello", "one")
		if len(w.agents.all) != 1 || strings.Join(w.chat.Marks(other), "") != tooMuch || len(w.chat.Said(other)) != 0 {
			t.Errorf("%d agents, %v under the start, said %q", len(w.agents.all), w.chat.Marks(other), chattest.Messages(w.chat.Said(other)))
		}
		w.shows(root, "Session cancelled")
	})
}

// TestOpenCards: further asks are denied with a reason.
func TestOpenCards(t *testing.T) {
	inWorld(t, "", func(w *world) {
		_, a := w.opened()
		for _, id := range []string{"t1", "t2", "t3", "t4"} {
			a.bash(id, "touch "+id)
		}
		w.settle()
		if got := a.ask("k-t4"); !strings.Contains(got.Message, "waiting for people already") {
			t.Errorf("the fourth: %+v", got)
		}
	})
}

// TestCatchUp covers SEC-06, NET-01 and NET-03: what was written and approved
// while the link was cut is taken in, once.
func TestCatchUp(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, post := w.asked("touch x")
		card := post.ID
		w.chat.Mu.Lock()
		w.chat.Under[card] = append(w.chat.Under[card], mattermost.Reaction{UserID: "u-bob", PostID: card, Emoji: "+1"})
		w.chat.Add("u-alice", root, "in the gap", nil)
		w.chat.Mu.Unlock()
		for range 2 {
			w.host.CatchUp(1)
			w.settle()
		}
		if !a.ask("k-t1").Allow {
			t.Error("an approval of the gap was lost")
		}
		chattest.Want(t, a.sent(), "hello", "in the gap")
	})
}

// TestCardDeleted covers A8: a deleted card comes back, without its votes.
func TestCardDeleted(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		old := w.card(root)
		w.chat.Deletes(old.ID)
		w.host.ears().receive(mattermost.Deleted{Post: old})
		w.settle()
		w.reacts("alice", old.ID, "+1")
		if a.ask("k-t1").Allow {
			t.Error("a reaction on the deleted card counted")
		}
		w.reacts("alice", w.card(root).ID, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("the new card does not work")
		}
	})
}

// TestCardEdited covers A8: a card that somebody else edits comes anew, without
// its votes; ctpipe's own edits change nothing.
func TestCardEdited(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		old := w.card(root)
		w.host.ears().receive(mattermost.Edited{Post: old}) // as the server tells of our own
		w.settle()
		if got := w.card(root); got.ID != old.ID {
			t.Fatal("our own edit made another card")
		}
		forged := old
		forged.Message = strings.Replace(old.Message, "touch x", "ls", 1)
		w.host.ears().receive(mattermost.Edited{Post: forged})
		w.settle()
		fresh := w.card(root)
		if fresh.ID == old.ID || !strings.Contains(fresh.Message, "touch x") {
			t.Fatalf("the card is %s: %s", fresh.ID, fresh.Message)
		}
		w.reacts("alice", old.ID, "+1")
		if a.ask("k-t1").Allow {
			t.Error("a reaction on the edited card counted")
		}
		w.reacts("alice", fresh.ID, "+1")
		if !a.ask("k-t1").Allow {
			t.Error("the new card does not work")
		}
	})
}

// TestCardEditedForEver: a server that rewrites every text keeps nobody busy,
// and lets nothing through.
func TestCardEditedForEver(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		for range 10 {
			forged := w.card(root)
			forged.Message += " (rewritten)"
			w.host.ears().receive(mattermost.Edited{Post: forged})
			w.settle()
		}
		if n := len(w.chat.OfKind(root, "card")); n != 1 {
			t.Errorf("%d cards", n)
		}
		if a.ask("k-t1").Allow {
			t.Error("it was allowed")
		}
	})
}
