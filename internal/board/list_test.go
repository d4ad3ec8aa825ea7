package board

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/outbox"
	"ctpipe/internal/state"
)

// TestListBegins covers STR-13: nothing is posted before the first session; then
// there is one pinned post, which stays when no session is left.
func TestListBegins(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.list.Changed()
		c.passes(time.Hour)
		if n := len(c.lists()); n != 0 {
			t.Fatalf("%d lists without a session", n)
		}
		c.runs(1)
		if p := c.one(); !p.IsPinned || !strings.Contains(p.Message, "**Active Claude Threads** (1)") {
			t.Errorf("pinned %v:\n%s", p.IsPinned, p.Message)
		}
		c.runs(0)
		if p := c.one(); !strings.Contains(p.Message, "_No active sessions_") {
			t.Errorf("with no session left:\n%s", p.Message)
		}
	})
}

// TestListPace: however much happens, the post changes at most once in ten
// seconds, and not at all while nothing changes.
func TestListPace(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.runs(1)
		id := c.one().ID
		for i := range 30 {
			c.about(strings.Repeat("x", i+1))
			time.Sleep(time.Second)
		}
		c.passes(time.Hour)
		at := c.chat.Edits[id]
		if len(at) < 3 {
			t.Errorf("%d edits while much happened", len(at))
		}
		for i := 1; i < len(at); i++ {
			if d := at[i].Sub(at[i-1]); d < changeEvery {
				t.Errorf("edited after %v", d)
			}
		}
		c.list.Changed()
		c.passes(20 * time.Minute)
		if got := len(c.chat.Edits[id]); got > len(at) {
			t.Errorf("%d edits while nothing happened", got-len(at))
		}
	})
}

// TestListIsTheLast covers STR-13: whoever posts at the channel's root, and
// however fast, there is one list, below all others; posts in threads leave it
// where it is.
func TestListIsTheLast(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.chat.Fate = func(string) chattest.Fate { return chattest.Fate{Delay: 700 * time.Millisecond} }
		root := c.writes("")
		c.runs(1)
		first := c.one().ID
		c.writes(root)
		if c.one().ID != first {
			t.Error("moved for a post in a thread")
		}
		for i := range 25 {
			c.writes("")
			c.list.Changed()
			time.Sleep(time.Duration(i%7) * 400 * time.Millisecond)
			if n := len(c.lists()); n > 1 {
				t.Fatalf("%d lists", n)
			}
		}
		last := c.one()
		if end := c.chat.Posts[len(c.chat.Posts)-1]; end.ID != last.ID || last.ID == first {
			t.Errorf("the last post is %q", end.Message)
		}
	})
}

// slowAnswers makes posts at once and answers late.
type slowAnswers struct{ Chat }

func (s slowAnswers) CreatePost(ctx context.Context, p mattermost.NewPost) (mattermost.Post, error) {
	got, err := s.Chat.CreatePost(ctx, p)
	time.Sleep(time.Second)
	return got, err
}

// TestListWhileItIsMade covers STR-13: who posts below the list before the
// server's answer about it is here moves it as well.
func TestListWhileItIsMade(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.list.cfg.Chat = slowAnswers{c.chat}
		c.runs(1)
		time.Sleep(500 * time.Millisecond)
		c.writes("")
		last := c.one()
		if end := c.chat.Posts[len(c.chat.Posts)-1]; end.ID != last.ID {
			t.Errorf("the last post is %q", end.Message)
		}
	})
}

// TestListDeleted covers STR-13 and STR-06: one that somebody deletes comes
// again, once, whether ctpipe is told or not.
func TestListDeleted(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.runs(1)
		p := c.one()
		c.chat.Deletes(p.ID)
		c.list.Deleted(p.ID)
		again := c.one()
		if again.ID == p.ID {
			t.Error("the same post")
		}
		c.chat.Deletes(again.ID) // and nobody says so
		c.about("something else")
		c.one()
	})
}

// TestListCleanup covers STR-13: after a crash while the post was made anew
// there is one again; only the bot's own marked posts go, pinned or not.
func TestListCleanup(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.runs(1)
		kept := c.one().ID
		c.stop()
		c.chat.Mu.Lock()
		add := func(user, root string, pinned bool, props map[string]any) string {
			time.Sleep(time.Millisecond)
			p := c.chat.Add(user, root, "left", props)
			p.IsPinned = pinned
			return p.ID
		}
		old := add(chattest.BotID, "", true, outbox.Props(ListKind))
		others := []string{add("u-bob", "", true, outbox.Props(ListKind)), add(chattest.BotID, "", true, outbox.Props("notice")), add(chattest.BotID, "", true, nil),
			add(chattest.BotID, kept+"x", false, outbox.Props(ListKind))}
		crashed := add(chattest.BotID, "", false, outbox.Props(ListKind)) // made, and its id never written down
		c.chat.Mu.Unlock()
		c.notebook.saved = &state.Board{Making: time.Now()}
		c.starts()
		c.list.Changed()
		if got := c.one(); got.ID != crashed {
			t.Errorf("the list is %s, not the newest, %s", got.ID, crashed)
		}
		for _, id := range []string{kept, old} {
			if c.chat.Find(id) != nil {
				t.Errorf("list %s is still there", id)
			}
		}
		for _, id := range others {
			if c.chat.Find(id) == nil {
				t.Errorf("post %s, which is no list of ours, was deleted", id)
			}
		}
	})
}

// TestListAnswered: a list that is somebody's thread stays when the list moves
// on, as a line without it.
func TestListAnswered(t *testing.T) {
	for name, answered := range map[string]func(c *channel, id string){
		"by people":    func(c *channel, id string) { c.writes(id) },
		"by a session": func(c *channel, id string) { c.roots(id) },
	} {
		t.Run(name, func(t *testing.T) {
			inChannel(t, func(c *channel) {
				c.runs(1)
				id := c.one().ID
				answered(c, id)
				c.writes("")
				if c.one().ID == id {
					t.Error("it has not moved")
				}
				was := c.chat.Find(id)
				if was == nil || was.IsPinned || strings.Contains(was.Message, "Active Claude Threads") {
					t.Fatalf("the old one: %+v", was)
				}
			})
		})
	}
}

// TestListOff: switched off it goes away; on again, it is back.
func TestListOff(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.runs(1)
		c.one()
		c.wants(false)
		c.passes(time.Minute)
		if n := len(c.lists()); n != 0 || c.notebook.saved.Post != "" {
			t.Errorf("%d lists, saved %+v", n, c.notebook.saved)
		}
		c.wants(true)
		c.one()
	})
}

// TestListTrouble: a server that loses answers, and a disk that is full for a
// while, end with one post; one that does not let the bot pin still shows it.
func TestListTrouble(t *testing.T) {
	inChannel(t, func(c *channel) {
		n := 0
		c.chat.Fate = func(op string) chattest.Fate {
			if op == "pin" {
				return chattest.Fate{Err: chattest.Refusal(403, "api.context.permissions.app_error")}
			}
			if n++; op == "create" && n < 12 {
				return chattest.Fate{Lost: chattest.LostAnswer()}
			}
			return chattest.Fate{}
		}
		c.records(errors.New("disk full"))
		c.runs(1)
		c.passes(5 * time.Minute)
		if n := len(c.lists()); n != 0 {
			t.Errorf("%d lists that could not be found again", n)
		}
		c.records(nil)
		c.passes(10 * time.Minute)
		c.one()
	})
}

// TestListInDirectMessages: a conversation of two has no list.
func TestListInDirectMessages(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.list.cfg.Channel.Type = "D"
		c.runs(1)
		c.passes(time.Hour)
		if n := len(c.lists()); n != 0 {
			t.Errorf("%d lists", n)
		}
	})
}

// TestListFinishes: the last text is there when Finish returns, whatever the
// pace; a channel that was never looked at is left alone.
func TestListFinishes(t *testing.T) {
	inChannel(t, func(c *channel) {
		c.list.Finish(c.Context())
		if n := len(c.lists()); n != 0 {
			t.Errorf("%d lists at the end of a run without sessions", n)
		}
		c.runs(1)
		c.one()
		c.about("another topic")
		c.passes(time.Second)
		c.mu.Lock()
		c.live = 0
		c.mu.Unlock()
		c.list.Finish(c.Context())
		if all := c.lists(); len(all) != 1 || !strings.Contains(all[0].Message, "_No active sessions_") {
			t.Errorf("%q", chattest.Messages(all))
		}
	})
}
