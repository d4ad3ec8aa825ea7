package session

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/board"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// askedPolicy puts a card before the owners and gives its post.
func (w *world) askedPolicy(rev string, owners ...string) (said *[]string, post func() mattermost.Post) {
	w.Helper()
	said = &[]string{}
	w.host.AskPolicy(board.PolicyCard{Rev: pipeline.Rev(rev), Text: "a save waits: " + rev, Owners: owners,
		Answer: func(_ context.Context, by pipeline.User, yes bool) string {
			word := "no by "
			if yes {
				word = "yes by "
			}
			*said = append(*said, word+by.Name)
			return "done: " + word + by.Name
		}})
	w.settle()
	return said, func() mattermost.Post {
		w.chat.Mu.Lock()
		defer w.chat.Mu.Unlock()
		for _, p := range w.chat.Posts {
			if strings.Contains(p.Message, "a save waits: "+rev) {
				return *p
			}
		}
		w.Fatal("no card about " + rev)
		return mattermost.Post{}
	}
}

func (w *world) grouped(groups map[string][]string) {
	was := w.host.Settings
	w.host.Settings = func(s *pipeline.Snapshot) Settings {
		set := was(s)
		set.Groups = groups
		return set
	}
}

// TestPolicyOwners: who decides is looked up on the server when they do: an
// active person of the channel whose id, not name, is an owner's (design 8.6,
// I3, I6, I7).
func TestPolicyOwners(t *testing.T) {
	for name, c := range map[string]struct {
		owners []string
		who    string
		emoji  string
		change func(*world)
		want   string
	}{
		"a group":            {owners: []string{"leads"}, who: "bob", emoji: "+1", want: "yes by bob"},
		"refused, skin tone": {owners: []string{"leads"}, who: "bob", emoji: "-1_dark_skin_tone", want: "no by bob"},
		"check mark":         {owners: []string{"leads"}, who: "bob", emoji: "white_check_mark", want: "yes by bob"},
		"a stop":             {owners: []string{"leads"}, who: "bob", emoji: "x"},
		"deactivated":        {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.account("bob", func(u *mattermost.User) { u.DeleteAt = 1 }) }},
		"a guest":            {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.account("bob", func(u *mattermost.User) { u.Roles = "system_guest" }) }},
		"a bot":              {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.account("bob", func(u *mattermost.User) { u.IsBot = true }) }},
		"of another server":  {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.account("bob", func(u *mattermost.User) { u.RemoteID = "r" }) }},
		"not in the channel": {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.chat.Members["u-bob"] = false }},
		"nobody can look up": {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(w *world) { w.chat.Fate = failing("user") }},
		"a name that is new": {owners: []string{"leads"}, who: "mallory", emoji: "+1", change: func(w *world) { w.account("mallory", func(u *mattermost.User) { u.Username = "bob" }) }},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, "", func(w *world) {
				w.grouped(map[string][]string{"leads": {"bob"}, "later": {"nobody"}})
				if _, err := w.host.Prepare(w.Context(), w.engine.Snapshot()); err != nil {
					t.Fatal(err)
				}
				said, post := w.askedPolicy("rev1", c.owners...)
				if c.change != nil {
					c.change(w)
				}
				w.reacts(c.who, post().ID, c.emoji)
				w.chat.Fate = nil
				if got := strings.Join(*said, ", "); got != c.want {
					t.Fatalf("said %q, want %q", got, c.want)
				}
				if text := post().Message; c.want != "" && !strings.HasPrefix(text, "done: "+c.want) {
					t.Errorf("the card says\n%s", text)
				}
				w.reacts("bob", post().ID, "+1")
				w.reacts("bob", post().ID, "-1")
				if c.want != "" && len(*said) != 1 {
					t.Errorf("answered again: %q", *said)
				}
			})
		})
	}
}

func failing(op string) func(string) chattest.Fate {
	return func(got string) chattest.Fate {
		if got == op {
			return chattest.Fate{Err: errors.New("out of reach")}
		}
		return chattest.Fate{}
	}
}

func (w *world) account(name string, change func(*mattermost.User)) {
	w.chat.Mu.Lock()
	u := w.chat.Users["u-"+name]
	change(&u)
	w.chat.Users["u-"+name] = u
	w.chat.Mu.Unlock()
	time.Sleep(thread.DecisionFor + time.Second)
}

// TestPolicyCardElsewhere: the card may stand in another channel than the
// sessions do.
func TestPolicyCardElsewhere(t *testing.T) {
	inWorld(t, "", func(w *world) {
		var by string
		w.host.AskPolicy(board.PolicyCard{Rev: "rev1", Channel: "ops", Text: "a save waits: rev1", Owners: []string{"allowed"},
			Answer: func(_ context.Context, u pipeline.User, _ bool) string { by = u.Name; return "done" }})
		w.settle()
		w.chat.Mu.Lock()
		post := w.chat.Posts[len(w.chat.Posts)-1].ID
		w.chat.Mu.Unlock()
		w.host.ears().receive(mattermost.ReactionAdded{Reaction: mattermost.Reaction{UserID: "u-alice", PostID: post, Emoji: "+1"}, ChannelID: "ops"})
		w.settle()
		if by != "alice" {
			t.Errorf("answered by %q", by)
		}
	})
}

// TestPolicyCardComesThrough: the card waits for a chat that is out of reach,
// is made once although an answer was lost, is made anew when it is deleted,
// and counts what was clicked while it was being armed (SEC-05, SEC-06).
func TestPolicyCardComesThrough(t *testing.T) {
	inWorld(t, "", func(w *world) {
		tries := 0
		w.chat.Fate = func(op string) chattest.Fate {
			if op != "create" {
				return chattest.Fate{}
			}
			switch tries++; {
			case tries <= 3:
				return chattest.Fate{Err: errors.New("out of reach")}
			case tries == 4:
				return chattest.Fate{Lost: errors.New("the answer was lost")}
			}
			return chattest.Fate{}
		}
		w.host.Announce("", "rules.toml → rev 1")
		w.host.AskPolicy(board.PolicyCard{Rev: "rev1", Text: "a save waits: rev1", Owners: []string{"allowed"}})
		time.Sleep(5 * time.Minute)
		w.settle()
		var texts []string
		w.chat.Mu.Lock()
		for _, p := range w.chat.Posts {
			texts = append(texts, strings.SplitN(p.Message, "\n", 2)[0])
		}
		w.chat.Mu.Unlock()
		chattest.Want(t, texts, "rules.toml → rev 1", "a save waits: rev1")
		said, post := w.askedPolicy("rev2", "allowed")
		first := post()
		w.chat.Mu.Lock()
		w.chat.Posts = w.chat.Posts[:len(w.chat.Posts)-1]
		w.chat.Mu.Unlock()
		w.host.ears().receive(mattermost.Deleted{Post: first})
		w.settle()
		second := post()
		if second.ID == first.ID {
			t.Fatal("a deleted card is not made anew")
		}
		w.chat.Mu.Lock()
		w.chat.Under[second.ID] = append(w.chat.Under[second.ID], mattermost.Reaction{UserID: "u-alice", PostID: second.ID, Emoji: "+1"})
		w.chat.Mu.Unlock()
		w.host.CatchUp(1) // nobody told us of it
		w.settle()
		if len(*said) != 1 {
			t.Errorf("said %q", *said)
		}
	})
}
