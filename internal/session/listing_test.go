package session

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/board"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/outbox"
	"ctpipe/internal/state"
)

// How long after a change the channel's list says so, and how long until it is
// sure to have settled.
const (
	listPace    = 10 * time.Second
	listSettles = time.Minute + listPace
)

// boards are the bot's posts at the channel's root, in order.
func (w *world) boards() []mattermost.Post {
	w.chat.Mu.Lock()
	defer w.chat.Mu.Unlock()
	var got []mattermost.Post
	for _, p := range w.chat.Posts {
		if p.UserID == chattest.BotID && p.RootID == "" {
			got = append(got, *p)
		}
	}
	return got
}

// board is the one sticky post.
func (w *world) board() mattermost.Post {
	w.Helper()
	w.passes(listSettles)
	all := w.boards()
	if len(all) != 1 {
		w.Fatalf("%d posts of the bot's at the root: %q", len(all), chattest.Messages(all))
	}
	return all[0]
}

func (w *world) passes(d time.Duration) { time.Sleep(d); synctest.Wait() }

func inListed(t *testing.T, f func(w *world)) {
	inKept(t, func(w *world) {
		w.set.Sticky = true
		f(w)
	})
}

// TestStickyListsSessions: nothing is posted before the first session; then one
// pinned post lists what runs, what it waits for, and what was paused.
func TestStickyListsSessions(t *testing.T) {
	inListed(t, func(w *world) {
		w.host.Connected()
		w.passes(time.Hour)
		if n := len(w.boards()); n != 0 {
			w.Fatalf("%d posts without a session", n)
		}
		root := w.says("alice", "", "@claude-code explain @channel **this**\n[x](http://evil) "+strings.Repeat("long ", 30))
		a := w.latest()
		b := w.board()
		line := strings.Join(linesWith(b.Message, "▸ "), "")
		for _, part := range []string{"/_redirect/pl/" + root + ")", "**alice**", "explain"} {
			if !strings.Contains(line, part) {
				t.Errorf("the line lacks %q: %s", part, line)
			}
		}
		if strings.Contains(line, "@channel") || strings.Contains(line, "](http") || len([]rune(line)) > 200 {
			t.Errorf("not inert, or not cut: %s", line)
		}
		if !b.IsPinned || b.Props["ctpipe"] != board.ListKind || !strings.Contains(b.Message, "🔐 Interactive · 1/2 sessions") || !strings.Contains(b.Message, "**Active Claude Threads** (1)") {
			t.Errorf("pinned %v, props %v:\n%s", b.IsPinned, b.Props, b.Message)
		}
		a.bash("t1", "touch x")
		w.passes(listPace)
		if b = w.boards()[0]; !strings.Contains(b.Message, "⚠️") {
			t.Errorf("no icon for what waits:\n%s", b.Message)
		}
		w.reacts("alice", w.card(root).ID, "+1")
		w.passes(listPace)
		if b = w.boards()[0]; strings.Contains(b.Message, "⚠️") {
			t.Errorf("an icon for what was answered:\n%s", b.Message)
		}
		a.replies(t, "m1", "here")
		w.settle()
		a.h.Exit(exitOf(1))
		if b = w.board(); !strings.Contains(b.Message, "_No active sessions_") || len(linesWith(b.Message, "⏸️ ")) != 1 {
			t.Errorf("a paused one:\n%s", b.Message)
		}
		w.says("alice", root, "!stop")
		if b = w.board(); len(linesWith(b.Message, "⏸️ ")) != 0 {
			t.Errorf("an ended one:\n%s", b.Message)
		}
	})
}

func linesWith(text, prefix string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return !strings.HasPrefix(l, prefix) })
}

// TestStickyDeleted covers STR-13 and STR-06: one that somebody deletes comes
// again, once.
func TestStickyDeleted(t *testing.T) {
	inListed(t, func(w *world) {
		w.opened()
		b := w.board()
		w.chat.Deletes(b.ID)
		w.host.ears().receive(mattermost.Deleted{Post: b})
		if again := w.board(); again.ID == b.ID {
			t.Error("the same post")
		}
		w.chat.Deletes(w.board().ID) // and nobody says so
		w.passes(2 * time.Minute)
		w.board()
	})
}

// TestStickyCleanup covers STR-13: after a crash while the post was made anew
// there is one again; only the bot's own marked posts go, pinned or not.
func TestStickyCleanup(t *testing.T) {
	inListed(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		kept := w.board().ID
		w.chat.Mu.Lock()
		pinned := func(user string, props map[string]any) string {
			p := w.chat.Add(user, "", "pinned", props)
			p.IsPinned, p.CreateAt = true, time.Now().UnixMilli()
			return p.ID
		}
		old := pinned(chattest.BotID, outbox.Props(board.ListKind))
		others := []string{pinned("u-bob", outbox.Props(board.ListKind)), pinned(chattest.BotID, outbox.Props("notice")), pinned(chattest.BotID, nil)}
		crashed := w.chat.Add(chattest.BotID, "", "made, and its id never written down", outbox.Props(board.ListKind))
		crashed.CreateAt = time.Now().UnixMilli()
		w.chat.Mu.Unlock()
		if err := w.host.Store.SaveBoard(w.Context(), "playground", boardOf(time.Now())); err != nil {
			t.Fatal(err)
		}
		w.restarted()
		w.host.Connected()
		w.passes(2 * time.Minute)
		w.chat.Mu.Lock()
		defer w.chat.Mu.Unlock()
		if w.chat.Find(kept) != nil || w.chat.Find(old) != nil || w.chat.Find(crashed.ID) == nil {
			t.Errorf("kept %v, pinned %v, newest %v", w.chat.Find(kept) != nil, w.chat.Find(old) != nil, w.chat.Find(crashed.ID) != nil)
		}
		for _, id := range others {
			if w.chat.Find(id) == nil {
				t.Errorf("post %s, which is no sticky post of ours, was deleted", id)
			}
		}
		if w.chat.Find(root) == nil || !strings.Contains(w.chat.Find(crashed.ID).Message, "**Recent**") {
			t.Errorf("after the restart: %q", w.chat.Find(crashed.ID).Message)
		}
	})
}

// TestStickyAtTheEnd: while ctpipe is down the list does not say that sessions
// run.
func TestStickyAtTheEnd(t *testing.T) {
	inListed(t, func(w *world) {
		_, a := w.opened()
		a.replies(t, "m1", "here")
		w.board()
		w.says("alice", "", "lunch?")
		w.closed()
		all := w.boards()
		if len(all) != 1 || !strings.Contains(all[0].Message, "_No active sessions_") || len(linesWith(all[0].Message, "⏸️ ")) != 1 {
			t.Errorf("%q", chattest.Messages(all))
		}
	})
}

// TestStickyAnswered: a sticky post that people have answered to is their
// thread's root; it stays when the list moves on, and so does what they wrote.
func TestStickyAnswered(t *testing.T) {
	inListed(t, func(w *world) {
		w.opened()
		b := w.board()
		reply := w.says("bob", b.ID, "nice list")
		w.says("bob", "", "lunch?")
		w.passes(time.Minute)
		w.chat.Mu.Lock()
		defer w.chat.Mu.Unlock()
		was := w.chat.Find(b.ID)
		if was != nil && was.IsPinned {
			t.Error("the old one is still pinned")
		}
		if was == nil || w.chat.Find(reply) == nil || was.Props["ctpipe"] == board.ListKind || strings.Contains(was.Message, "Active Claude Threads") {
			t.Fatalf("%+v", was)
		}
	})
}

// TestStickyOff: a save that switches it off takes it away; on again, it is back.
func TestStickyOff(t *testing.T) {
	inListed(t, func(w *world) {
		w.opened()
		w.board()
		w.set.Sticky = false
		Hosts{"playground": w.host}.PolicyChanged()
		w.passes(time.Minute)
		if n := len(w.boards()); n != 0 {
			t.Errorf("%d posts", n)
		}
		w.set.Sticky = true
		Hosts{"playground": w.host}.PolicyChanged()
		w.board()
	})
}

// TestStickyReactions: ❌ and 🔄 on the sticky post do nothing.
func TestStickyReactions(t *testing.T) {
	inListed(t, func(w *world) {
		_, a := w.opened()
		b := w.board()
		before := len(w.chat.Posts)
		for _, emoji := range []string{"x", "double_vertical_bar", "arrows_counterclockwise"} {
			w.reacts("alice", b.ID, emoji)
		}
		if a.over() || a.breaks != 0 || len(w.chat.Posts) != before {
			t.Errorf("stopped %v, %d posts more", a.over(), len(w.chat.Posts)-before)
		}
	})
}

func boardOf(making time.Time) state.Board { return state.Board{Making: making} }
