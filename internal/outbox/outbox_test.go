package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// box makes an outbox on a fake chat, in a thread of its own.
func box(t *testing.T, more ...func(*Config)) (*Outbox, *chattest.Chat, string) {
	t.Helper()
	chat := chattest.New("alice")
	root := chat.Add("u-alice", "", "hello", nil).ID
	c := Config{Chat: chat, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Me: chattest.BotID,
		Channel: chattest.ChannelID, Root: root}
	for _, set := range more {
		set(&c)
	}
	return New(t.Context(), c), chat, root
}

// TestOutboxOrder: posts appear in the order of their first Put, also when the
// first cannot be made for a while, and edits of older ones go on meanwhile.
func TestOutboxOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		o.Put("first", Draft{Text: "one"})
		o.Wait(t.Context())
		down := true
		chat.Fate = func(op string) chattest.Fate {
			if op == "create" && down {
				return chattest.Fate{Err: chattest.Refusal(503, "down")}
			}
			return chattest.Fate{}
		}
		o.Put("second", Draft{Text: "two"})
		o.Put("third", Draft{Text: "three"})
		o.Put("first", Draft{Text: "one, edited"})
		time.Sleep(10 * time.Second)
		chattest.Want(t, chattest.Messages(chat.Said(root)), "one, edited")
		chat.Mu.Lock()
		down = false
		chat.Mu.Unlock()
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "one, edited", "two", "three")
	})
}

// TestOutboxPace covers STR-07: a hundred drafts within a second are a few
// edits, never two within an interval, and a text the server has is not sent
// again.
func TestOutboxPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		text := ""
		for i := range 100 {
			text += fmt.Sprint(i, " ")
			o.Put("a", Draft{Text: text})
			time.Sleep(10 * time.Millisecond)
		}
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), text)
		id := chat.Said(root)[0].ID
		edits := chat.Edits[id]
		if len(edits) > 6 {
			t.Errorf("%d edits in a second", len(edits))
		}
		for i := 1; i < len(edits); i++ {
			if gap := edits[i].Sub(edits[i-1]); gap < editEvery {
				t.Errorf("edits %s apart", gap)
			}
		}
		o.Put("a", Draft{Text: text})
		o.Wait(t.Context())
		if len(chat.Edits[id]) != len(edits) {
			t.Error("the same text was sent again")
		}
	})
}

// TestOutboxOnce covers NET-05 as sessions see it: an answer that is lost, and
// lost again after the server has forgotten the request, makes no second post.
func TestOutboxOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		times := 0
		chat.Fate = func(op string) chattest.Fate {
			if op != "create" || times >= 3 {
				return chattest.Fate{}
			}
			times++
			return chattest.Fate{Delay: 40 * time.Second, Lost: chattest.LostAnswer()}
		}
		o.Put("a", Draft{Text: "once"})
		synctest.Wait()
		time.Sleep(41 * time.Second)
		chat.Mu.Lock()
		clear(chat.Pending) // it is long ago
		chat.Mu.Unlock()
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "once")
	})
}

// TestOutboxDeleted covers STR-06: what somebody deleted and what then grows
// gets a new post, every time; a card that is still needed comes back by itself.
func TestOutboxDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []pipeline.PostID
		o, chat, root := box(t, func(c *Config) {
			c.Ready = func(_ string, id pipeline.PostID, _ []mattermost.Reaction) { told = append(told, id) }
		})
		for i := range 3 {
			o.Put("a", Draft{Text: fmt.Sprintf("text %d", i)})
			o.Wait(t.Context())
			chattest.Want(t, chattest.Messages(chat.Said(root)), fmt.Sprintf("text %d", i))
			chat.Deletes(chat.Said(root)[0].ID)
		}
		o.Put("card", Draft{Text: "card", Seeds: []string{"+1"}, Watched: true})
		o.Wait(t.Context())
		first := chat.Said(root)[0].ID
		chat.Deletes(first)
		o.Gone("card", pipeline.PostID(first))
		o.Wait(t.Context())
		second := chat.Said(root)[0].ID
		if want := []pipeline.PostID{pipeline.PostID(first), pipeline.PostID(second)}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		if got := chat.Marks(second); !slices.Equal(got, []string{"+1"}) {
			t.Errorf("the new card has %v", got)
		}
	})
}

// TestOutboxRefused: what the server refuses for good is reported once, left
// out, and holds nothing else up.
func TestOutboxRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused, told := 0, 0
		o, chat, root := box(t, func(c *Config) {
			c.Ready = func(string, pipeline.PostID, []mattermost.Reaction) { told++ }
			c.Refused = func(string, error) { refused++ }
		})
		bad := ""
		chat.Fate = func(op string) chattest.Fate {
			if op == bad {
				return chattest.Fate{Err: chattest.Refusal(400, "no")}
			}
			return chattest.Fate{}
		}
		bad = "create"
		o.Put("a", Draft{Text: "never"})
		o.Wait(t.Context())
		bad = "react"
		o.Put("b", Draft{Text: "card", Seeds: []string{"+1", "-1"}, Watched: true})
		o.Wait(t.Context())
		bad = "patch"
		o.Put("b", Draft{Text: "card two"})
		o.Wait(t.Context())
		bad = ""
		o.Put("b", Draft{Text: "card three"})
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "card three")
		if refused != 1 || told != 1 {
			t.Errorf("refused %d times, told %d times", refused, told)
		}
	})
}

// TestOutboxRemove: what is removed while it is being made does not stay, and
// its key may be used again.
func TestOutboxRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		chat.Fate = func(string) chattest.Fate { return chattest.Fate{Delay: time.Second} }
		o.Put("a", Draft{Text: "secret"})
		synctest.Wait()
		o.Remove("a")
		o.Put("a", Draft{Text: "clean"})
		o.Put("b", Draft{Text: "never"})
		o.Remove("b")
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "clean")
	})
}

// TestOutboxEarly covers SEC-05: a reaction that is there before the seeds are
// is reported, the bot's own are not, and an error in between is tried again.
func TestOutboxEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var early []mattermost.Reaction
		o, chat, root := box(t, func(c *Config) {
			c.Ready = func(_ string, _ pipeline.PostID, r []mattermost.Reaction) { early = r }
		})
		fails := 3
		chat.Fate = func(op string) chattest.Fate {
			if op == "reactions" && fails > 0 {
				fails--
				return chattest.Fate{Err: chattest.ErrCut}
			}
			return chattest.Fate{Delay: 100 * time.Millisecond}
		}
		o.Put("card", Draft{Text: "?", Seeds: []string{"+1", "-1"}, Watched: true})
		time.Sleep(150 * time.Millisecond)
		id := chat.Said(root)[0].ID
		chat.Mu.Lock()
		chat.Under[id] = append(chat.Under[id], mattermost.Reaction{UserID: "u-alice", PostID: id, Emoji: "+1"})
		chat.Mu.Unlock()
		o.Wait(t.Context())
		if len(early) != 1 || early[0].UserID != "u-alice" {
			t.Errorf("early reactions: %+v", early)
		}
	})
}

// TestOutboxForgets: ten thousand sealed posts leave nothing behind.
func TestOutboxForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, _ := box(t)
		for i := range 10000 {
			o.Notice(fmt.Sprint("say ", i), "line")
			if i%100 == 0 {
				o.React("p1", "eyes")
				o.Wait(t.Context())
			}
		}
		o.Wait(t.Context())
		if chat.Creates != 10000 {
			t.Errorf("%d posts made", chat.Creates)
		}
		if n := len(o.entries); n > 1 {
			t.Errorf("%d entries left", n)
		}
	})
}

// TestOutboxPanic covers RACE-06: a client that panics is an error like another.
func TestOutboxPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		times := 0
		chat.Fate = func(op string) chattest.Fate {
			if times++; times == 1 {
				chat.Mu.Unlock()
				panic("broken client")
			}
			return chattest.Fate{}
		}
		o.Put("a", Draft{Text: "after all"})
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "after all")
	})
}

// TestOutboxWaitEnds: a chat that never answers does not hold a stop up.
func TestOutboxWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, _ := box(t)
		chat.Fate = func(string) chattest.Fate { return chattest.Fate{Err: chattest.ErrCut} }
		o.Put("a", Draft{Text: "never"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		o.Wait(ctx)
		if o.Done() {
			t.Error("nothing was posted, but nothing is left to do")
		}
	})
}
