package session

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// box makes an outbox on a fake chat, in a thread of its own.
func box(t *testing.T) (*Outbox, *fakeChat, string) {
	t.Helper()
	chat := newFakeChat("alice")
	root := chat.add("u-alice", "", "hello", nil).ID
	h := New(t.Context(), Options{Platform: "x", Chat: chat, Me: mattermost.User{ID: botID}, Channel: mattermost.Channel{ID: channelID},
		Clock: SystemClock{}, Log: slog.New(slog.DiscardHandler)})
	return h.outbox(pipeline.PostID(root)), chat, root
}

func messages(posts []mattermost.Post) []string {
	var out []string
	for _, p := range posts {
		out = append(out, p.Message)
	}
	return out
}

func want(t *testing.T, got []string, texts ...string) {
	t.Helper()
	if !slices.Equal(got, texts) {
		t.Errorf("the thread shows\n%s\nwant\n%s", strings.Join(got, "\n---\n"), strings.Join(texts, "\n---\n"))
	}
}

// TestOutboxOrder: posts appear in the order of their first Put, also when the
// first cannot be made for a while, and edits of older ones go on meanwhile.
func TestOutboxOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		o.Put("first", Draft{Text: "one"})
		o.Wait(t.Context())
		down := true
		chat.fate = func(op string) fate {
			if op == "create" && down {
				return fate{err: refusal(503, "down")}
			}
			return fate{}
		}
		o.Put("second", Draft{Text: "two"})
		o.Put("third", Draft{Text: "three"})
		o.Put("first", Draft{Text: "one, edited"})
		time.Sleep(10 * time.Second)
		want(t, messages(chat.thread(root)), "one, edited")
		chat.mu.Lock()
		down = false
		chat.mu.Unlock()
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "one, edited", "two", "three")
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
		want(t, messages(chat.thread(root)), text)
		id := chat.thread(root)[0].ID
		edits := chat.edits[id]
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
		if len(chat.edits[id]) != len(edits) {
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
		chat.fate = func(op string) fate {
			if op != "create" || times >= 3 {
				return fate{}
			}
			times++
			return fate{delay: 40 * time.Second, lost: lostAnswer()}
		}
		o.Put("a", Draft{Text: "once"})
		synctest.Wait()
		time.Sleep(41 * time.Second)
		chat.mu.Lock()
		clear(chat.pending) // it is long ago
		chat.mu.Unlock()
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "once")
	})
}

// TestOutboxDeleted covers STR-06: what somebody deleted and what then grows
// gets a new post, every time; a card that is still needed comes back by itself.
func TestOutboxDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		for i := range 3 {
			o.Put("a", Draft{Text: fmt.Sprintf("text %d", i)})
			o.Wait(t.Context())
			want(t, messages(chat.thread(root)), fmt.Sprintf("text %d", i))
			chat.deletes(chat.thread(root)[0].ID)
		}
		var told []pipeline.PostID
		o.Put("card", Draft{Text: "card", Seeds: []string{"+1"}, Ready: func(id pipeline.PostID, _ []mattermost.Reaction) { told = append(told, id) }})
		o.Wait(t.Context())
		first := chat.thread(root)[0].ID
		chat.deletes(first)
		o.Gone("card", pipeline.PostID(first))
		o.Wait(t.Context())
		second := chat.thread(root)[0].ID
		if want := []pipeline.PostID{pipeline.PostID(first), pipeline.PostID(second)}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		if got := chat.reacted(second); !slices.Equal(got, []string{"+1"}) {
			t.Errorf("the new card has %v", got)
		}
	})
}

// TestOutboxRefused: what the server refuses for good is reported once, left
// out, and holds nothing else up.
func TestOutboxRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		bad := ""
		chat.fate = func(op string) fate {
			if op == bad {
				return fate{err: refusal(400, "no")}
			}
			return fate{}
		}
		refused := 0
		bad = "create"
		o.Put("a", Draft{Text: "never", Refused: func(error) { refused++ }})
		o.Wait(t.Context())
		bad = "react"
		told := 0
		o.Put("b", Draft{Text: "card", Seeds: []string{"+1", "-1"}, Ready: func(pipeline.PostID, []mattermost.Reaction) { told++ }})
		o.Wait(t.Context())
		bad = "patch"
		o.Put("b", Draft{Text: "card two"})
		o.Wait(t.Context())
		bad = ""
		o.Put("b", Draft{Text: "card three"})
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "card three")
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
		chat.fate = func(string) fate { return fate{delay: time.Second} }
		o.Put("a", Draft{Text: "secret"})
		synctest.Wait()
		o.Remove("a")
		o.Put("a", Draft{Text: "clean"})
		o.Put("b", Draft{Text: "never"})
		o.Remove("b")
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "clean")
	})
}

// TestOutboxEarly covers SEC-05: a reaction that is there before the seeds are
// is reported, the bot's own are not, and an error in between is tried again.
func TestOutboxEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		fails := 3
		chat.fate = func(op string) fate {
			if op == "reactions" && fails > 0 {
				fails--
				return fate{err: errCut}
			}
			return fate{delay: 100 * time.Millisecond}
		}
		var early []mattermost.Reaction
		o.Put("card", Draft{Text: "?", Seeds: []string{"+1", "-1"}, Ready: func(_ pipeline.PostID, r []mattermost.Reaction) { early = r }})
		time.Sleep(150 * time.Millisecond)
		id := chat.thread(root)[0].ID
		chat.mu.Lock()
		chat.reactions[id] = append(chat.reactions[id], mattermost.Reaction{UserID: "u-alice", PostID: id, Emoji: "+1"})
		chat.mu.Unlock()
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
			o.notice(fmt.Sprint("say ", i), "line")
			if i%100 == 0 {
				o.React("p1", "eyes")
				o.Wait(t.Context())
			}
		}
		o.Wait(t.Context())
		if chat.creates != 10000 {
			t.Errorf("%d posts made", chat.creates)
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
		chat.fate = func(op string) fate {
			if times++; times == 1 {
				chat.mu.Unlock()
				panic("broken client")
			}
			return fate{}
		}
		o.Put("a", Draft{Text: "after all"})
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "after all")
	})
}

// TestOutboxWaitEnds: a chat that never answers does not hold a stop up.
func TestOutboxWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, _ := box(t)
		chat.fate = func(string) fate { return fate{err: errCut} }
		o.Put("a", Draft{Text: "never"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		o.Wait(ctx)
		if o.done() {
			t.Error("nothing was posted, but nothing is left to do")
		}
	})
}
