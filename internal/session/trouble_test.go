package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// TestExitZero: a Claude that ends by itself without an error is no secret
// either, and the next message resumes it.
func TestExitZero(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		a.h.Exit(claude.Exit{})
		w.settle()
		w.shows(root, "**[Exited: 0]**")
		w.says("alice", root, "go on")
		chattest.Want(t, w.latest().sent(), "go on")
	})
}

// TestLateExit covers RACE-04: what a replaced Claude still says, and its end,
// touch nothing; the end of the new one is told.
func TestLateExit(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(time.Hour)
		w.says("alice", root, "go on")
		b := w.latest()
		a.text(t, "m2", "a late word")
		a.h.Exit(exitOf(137))
		a.bash("t1", "touch x")
		w.settle()
		if len(w.about(root, "a late word")) != 0 || len(w.about(root, "Exited")) != 0 || len(a.gates) != 0 || w.slots() != 1 {
			t.Errorf("the old one was heard: %d gates, %q", len(a.gates), chattest.Messages(w.chat.Said(root)))
		}
		b.replies(t, "m3", "a new word")
		b.h.Exit(exitOf(9))
		w.settle()
		w.shows(root, "a new word")
		w.shows(root, "**[Exited: 9]**: boom")
	})
}

// slowAgent takes its time to stop.
type slowAgent struct {
	*fakeAgent
	stopping chan struct{}
}

func (a slowAgent) Stop(ctx context.Context) claude.Exit {
	<-a.stopping
	return a.fakeAgent.Stop(ctx)
}

// TestOneConversationOneClaude covers RACE-04: the next Claude of a
// conversation is not started before the last one's process is gone.
func TestOneConversationOneClaude(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		s := w.host.session(w.host.threadID(w.rootID(root)))
		slow := slowAgent{a, make(chan struct{})}
		s.Lock()
		s.hands.agent = slow
		s.Unlock()
		w.passes(31 * time.Minute)
		w.says("alice", root, "go on")
		if n := len(w.agents.all); n != 1 {
			t.Errorf("%d agents at a time", n)
		}
		close(slow.stopping)
		w.settle()
		chattest.Want(t, w.latest().sent(), "go on")
		if n := len(w.agents.all); n != 2 {
			t.Errorf("%d agents", n)
		}
	})
}

// TestClosedStdin covers RACE-07: a Claude that reads no more blocks nobody;
// the message is kept for the next.
func TestClosedStdin(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		a.err = claude.ErrClosed
		w.says("alice", root, "are you there?")
		other, b := w.opened()
		w.says("alice", other, "and you?")
		chattest.Want(t, b.sent(), "hello", "and you?")
		a.h.Exit(exitOf(1))
		w.settle()
		chattest.Want(t, w.latest().sent(), "are you there?")
		w.shows(root, "Claude is started again for the messages that wait")
	})
}

// TestShutdownBounds covers RACE-08: with a chat that answers nothing, the state
// is saved and every Claude is stopped within the time that is given.
func TestShutdownBounds(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		_, b := w.opened()
		b.bash("t1", "touch x")
		w.settle()
		w.chat.Fate = func(string) chattest.Fate { return chattest.Fate{Delay: 10 * time.Hour} }
		began := time.Now()
		ctx, cancel := context.WithTimeout(w.Context(), 15*time.Second)
		defer cancel()
		w.host.Close(ctx)
		if took := time.Since(began); took > 16*time.Second || !a.over() || !b.over() {
			t.Errorf("took %v, stopped %v %v", took, a.over(), b.over())
		}
		if v, err := w.record(root); err != nil || v.State != process.Paused {
			t.Errorf("record %+v %v", v, err)
		}
	})
}

// TestStopWithPromptOpen covers RACE-11: !stop while a card is open closes the
// card and ends the session; a late 👍 is for nothing.
func TestStopWithPromptOpen(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.says("mallory", root, "may I?")
		w.says("alice", root, "!stop")
		for _, card := range w.chat.OfKind(root, "card") {
			if !strings.Contains(card.Message, "The session ended before this was answered") {
				t.Errorf("open: %s", card.Message)
			}
			w.reacts("alice", card.ID, "+1")
		}
		if !a.over() || len(a.asks) != 0 || len(w.agents.all) != 1 {
			t.Errorf("stopped %v, asks %+v, %d agents", a.over(), a.asks, len(w.agents.all))
		}
	})
}

// TestStopWhileResuming covers RACE-11: !stop while a paused session's Claude is
// being started again ends it, and that Claude.
func TestStopWhileResuming(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(time.Hour)
		w.agents.delay = 10 * time.Second
		w.says("alice", root, "go on")
		w.says("alice", root, "!stop")
		w.passes(time.Minute)
		if b := w.latest(); len(w.agents.all) != 2 || !b.over() || len(b.sent()) != 0 || w.slots() != 0 {
			t.Errorf("%d agents, stopped %v, got %q, %d slots", len(w.agents.all), b.over(), b.sent(), w.slots())
		}
		if len(w.about(root, "Session resumed")) != 0 {
			t.Errorf("%q", chattest.Messages(w.chat.Said(root)))
		}
	})
}

// TestRestartIsTold: the post that told of the shutdown tells of the
// resumption; after a crash, which nobody told of, there is a post for it.
func TestRestartIsTold(t *testing.T) {
	for name, stop := range map[string]func(w *world){"stop": (*world).closed, "crash": func(*world) {}} {
		inKept(t, func(w *world) {
			w.host.Version = "1.2"
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			stop(w)
			told := w.about(root, "⏸️ **Bot shutting down**")
			w.restarted()
			w.passes(time.Hour)
			if len(w.agents.all) != 1 {
				w.Fatalf("%s: %d agents", name, len(w.agents.all))
			}
			w.says("bob", root, "go on")
			now := w.about(root, "🔄 **Session resumed** after bot restart (v1.2)\n*Reconnected to Claude session. You can continue where you left off.*")
			if len(now) != 1 || len(told) > 0 && told[0].ID != now[0].ID {
				t.Errorf("%s: %q", name, chattest.Messages(w.chat.Said(root)))
			}
			w.latest().replies(t, "m2", "here again")
			w.latest().h.Exit(exitOf(1))
			w.settle()
			w.says("bob", root, "and on")
			if n := len(w.about(root, "after bot restart")); n != 1 {
				t.Errorf("%s: told %d times", name, n)
			}
		})
	}
}

// TestDirectoryGone covers RACE-05 and behaviour 1.16: a session whose directory
// was deleted cannot be resumed, and says so.
func TestDirectoryGone(t *testing.T) {
	inKept(t, func(w *world) {
		root, _ := w.rested()
		w.agents.err = &claude.StartError{Command: "claude", Dir: w.set.Dir, Err: claude.ErrNoDir}
		w.says("alice", root, "go on")
		w.shows(root, "⚠️ **Cannot resume session** - working directory no longer exists:\n`"+w.set.Dir+"`\n\nPlease start a new session.")
		if _, err := w.record(root); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("the record lives: %v", err)
		}
		if n := w.slots(); n != 0 {
			t.Errorf("%d slots", n)
		}
	})
}

// TestNoClaudeForResume covers RACE-05: a Claude that is missing when a session
// is resumed costs neither the session nor the message.
func TestNoClaudeForResume(t *testing.T) {
	for _, fault := range []error{claude.ErrNoCLI, claude.ErrNotExecutable} {
		inIdle(t, 30*time.Minute, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.passes(time.Hour)
			w.agents.err = &claude.StartError{Command: "claude", Err: fault}
			w.says("alice", root, "go on")
			w.shows(root, fault.Error())
			w.shows(root, "Your messages are kept; write again to retry.")
			w.agents.err = nil
			w.says("alice", root, "now?")
			chattest.Want(t, w.latest().sent(), "go on", "now?")
		})
	}
}

// TestChatTroubleAtResume covers DATA-06: a chat that answers 500, 403 or not at
// all while a session is resumed costs no record.
func TestChatTroubleAtResume(t *testing.T) {
	for _, status := range []int{500, 403, 404} {
		inKept(t, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			w.closed()
			w.restarted()
			w.chat.Fate = func(op string) chattest.Fate { return chattest.Fate{Err: chattest.Refusal(status, "x")} }
			w.says("alice", root, "go on")
			w.reacts("alice", w.chat.Said(root)[0].ID, "arrows_counterclockwise")
			w.passes(time.Minute)
			if _, err := w.record(root); err != nil {
				t.Fatalf("%d: %v", status, err)
			}
			w.chat.Fate = nil
			w.says("alice", root, "go on")
			w.passes(time.Minute)
			if got := w.latest().sent(); len(got) == 0 || got[len(got)-1] != "go on" {
				t.Errorf("%d: got %q", status, got)
			}
		})
	}
}

// TestMoreThanSlots covers DATA-11: more paused sessions than there are slots:
// all are kept, who is too many is told, and goes on when there is room.
func TestMoreThanSlots(t *testing.T) {
	inKept(t, func(w *world) {
		w.set.Max = 4
		var roots []string
		for range 4 {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			roots = append(roots, root)
		}
		w.settle()
		w.closed()
		w.restarted()
		w.set.Max = 2
		for _, root := range roots {
			w.says("alice", root, "go on")
		}
		for _, root := range roots[2:] {
			w.shows(root, "⚠️ **Too busy** - 2 sessions active")
			if _, err := w.record(root); err != nil {
				t.Errorf("not kept: %v", err)
			}
		}
		w.says("alice", roots[0], "!stop")
		w.says("alice", roots[3], "go on")
		if n := len(w.agents.all); n != 4+3 {
			t.Errorf("%d agents", n)
		}
	})
}

// TestOldRecord covers DATA-07: a record without what was added later, or with
// what cannot be read, gives a session with its owner, and spoils no other.
func TestOldRecord(t *testing.T) {
	inKept(t, func(w *world) {
		for i, more := range []string{"", "[1]", `{"kept":"x"}`, `{"kept":{"people":7}}`} {
			root := w.says("bob", "", fmt.Sprint("talk ", i))
			err := w.host.Store.SaveSession(w.Context(), state.Session{ID: pipeline.SessionID(fmt.Sprint("s", i)), Platform: "playground",
				Thread: w.host.threadID(w.rootID(root)), Owner: "u-mallory", Dir: w.set.Dir, Turns: 1, ClaudeSession: "c", Extra: json.RawMessage(more)})
			if err != nil {
				t.Fatal(err)
			}
			w.says("mallory", root, "go on")
			if len(w.agents.all) != 1 {
				t.Fatalf("%q: %d agents: %q", more, len(w.agents.all), chattest.Messages(w.chat.Said(root)))
			}
			if b := w.latest(); !b.spec.Resume || b.spec.SessionID != "c" || b.spec.Dir != w.set.Dir {
				t.Errorf("%q: %+v", more, b.spec)
			}
			w.theHeader(root)
			w.says("alice", root, "!stop")
			w.agents.all = nil
		}
	})
}

// TestFlagsSurvive covers FUN-20 and SEC-02: the mode that a session was lowered
// to survives its pause and a restart.
func TestFlagsSurvive(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		w.set.Mode = pipeline.ModeBypass
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.says("alice", root, "!permissions interactive")
		if got := headRow(w.theHeader(root), "Permissions"); !strings.Contains(got, "Interactive") {
			t.Error(got)
		}
		w.passes(time.Hour)
		w.says("alice", root, "go on")
		w.latest().replies(t, "m2", "here")
		w.settle()
		w.closed()
		w.restarted()
		w.says("alice", root, "go on")
		b := w.latest()
		b.bash("t1", "touch x")
		if got := headRow(w.theHeader(root), "Permissions"); b.gates["g-t1"].Decision != claude.Ask || !strings.Contains(got, "Interactive") {
			t.Errorf("%+v %s", b.gates["g-t1"], got)
		}
	})
}

// TestSlowChat covers X1: a chat that takes half a minute for everything keeps
// Claude's words and calls from nobody.
func TestSlowChat(t *testing.T) {
	inWorld(t, "[[rule]]\nid='read'\non='tool'\nwhen='tool.name == \"Read\"'\nthen='allow'\n", func(w *world) {
		root, a := w.opened()
		var slow atomic.Bool
		slow.Store(true)
		w.chat.Fate = func(op string) chattest.Fate {
			if slow.Load() {
				return chattest.Fate{Delay: 30 * time.Second}
			}
			return chattest.Fate{}
		}
		began := time.Now()
		for i := range 200 {
			a.text(t, fmt.Sprint("m", i), "word")
			a.call(fmt.Sprint("t", i), "Read", `{"file_path":"README.md"}`)
		}
		a.ends(t)
		synctest.Wait()
		if took := time.Since(began); took > time.Second || len(a.gates) != 200 {
			t.Errorf("%d calls were judged after %v", len(a.gates), took)
		}
		slow.Store(false)
		w.passes(2 * time.Minute)
		if n := strings.Count(strings.Join(chattest.Messages(w.chat.OfKind(root, "answer")), "\n"), "word"); n != 200 {
			t.Errorf("%d words arrived", n)
		}
	})
}
