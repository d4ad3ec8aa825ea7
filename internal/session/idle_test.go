package session

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

func exitOf(code int) claude.Exit { return claude.Exit{Code: code, Stderr: "boom"} }

// inIdle is a kept world whose sessions time out after limit.
func inIdle(t *testing.T, limit time.Duration, f func(w *world)) {
	inKept(t, func(w *world) {
		w.set.Timeout = limit
		f(w)
	})
}

// notResumed is the shipped rule about who wakes a paused session.
const notResumed = `
[[rule]]
id = "nor-with-a-reaction"
on = "reaction"
when = 'reaction.meaning == "resume" and session.state == "paused"'
unless = 'user.owner or user.invited or user.allowed'
then = "deny"
why = "⚠️ {user} is not authorized to resume this session"
`

// about are the posts that hold the words.
func (w *world) about(root, words string) []mattermost.Post {
	return slices.DeleteFunc(w.chat.Said(root), func(p mattermost.Post) bool { return !strings.Contains(p.Message, words) })
}

// TestIdle: a session in which nothing happens is warned, paused, and resumed
// by a message, all in one post; its slot is free meanwhile, its record stays.
func TestIdle(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(24 * time.Minute)
		if n := len(w.about(root, "⏰")); n != 0 {
			w.Fatalf("warned too early: %q", chattest.Messages(w.chat.Said(root)))
		}
		w.passes(2 * time.Minute)
		warned := w.about(root, "⏰ **Session idle** - will timeout in ~5 minutes without activity")
		if len(warned) != 1 || a.over() || w.slots() != 1 {
			w.Fatalf("stopped %v, %d slots: %q", a.over(), w.slots(), chattest.Messages(w.chat.Said(root)))
		}
		w.passes(5 * time.Minute)
		over := w.about(root, "⏰ **Session timed out** after 30 minutes of inactivity\n\n💡 React with 🔄 to resume, or send a new message to continue.")
		if len(over) != 1 || over[0].ID != warned[0].ID || !a.over() || w.slots() != 0 {
			w.Fatalf("stopped %v, %d slots: %q", a.over(), w.slots(), chattest.Messages(w.chat.Said(root)))
		}
		if v, err := w.record(root); err != nil || v.State != process.Paused || v.Turns != 1 {
			t.Errorf("record %+v %v", v, err)
		}
		a.h.Exit(claude.Exit{}) // which was asked for: nobody is told
		w.says("bob", root, "go on")
		again := w.about(root, "🔄 **Session resumed**")
		if len(again) != 1 || again[0].ID != warned[0].ID || len(w.about(root, "Exited")) != 0 {
			t.Errorf("resumed: %q", chattest.Messages(w.chat.Said(root)))
		}
		b := w.latest()
		if len(w.agents.all) != 2 || !b.spec.Resume || b.spec.SessionID != a.spec.SessionID {
			t.Errorf("%d agents, %+v", len(w.agents.all), b.spec)
		}
		chattest.Want(t, b.sent(), "[@bob]: go on")
	})
}

// TestIdleAgain: what happens after a warning takes it back, and the next one
// is a post of its own, where people look.
func TestIdleAgain(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(26 * time.Minute)
		first := w.about(root, "⏰")[0].ID
		w.says("alice", root, "wait")
		a.replies(t, "m2", "yes")
		if n := len(w.about(root, "⏰")); n != 0 {
			t.Errorf("the warning stands: %q", chattest.Messages(w.chat.Said(root)))
		}
		w.passes(20 * time.Minute)
		if a.over() {
			t.Error("stopped by the old clock")
		}
		w.passes(6 * time.Minute)
		if second := w.about(root, "⏰ **Session idle**"); len(second) != 1 || second[0].ID == first {
			t.Errorf("the second warning: %q", chattest.Messages(w.chat.Said(root)))
		}
	})
}

// TestShortIdle: a short limit is announced at its half.
func TestShortIdle(t *testing.T) {
	inIdle(t, 2*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(70 * time.Second)
		w.shows(root, "will timeout in ~1 minute without activity")
		w.passes(time.Minute)
		w.shows(root, "after 2 minutes of inactivity")
	})
}

// TestIdleNever: 0 is never.
func TestIdleNever(t *testing.T) {
	inIdle(t, 0, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(100 * time.Hour)
		if a.over() || len(w.about(root, "⏰")) != 0 {
			t.Errorf("stopped %v: %q", a.over(), chattest.Messages(w.chat.Said(root)))
		}
	})
}

// TestIdleChanges: a changed session_timeout holds for running sessions.
func TestIdleChanges(t *testing.T) {
	inKept(t, func(w *world) {
		var limit atomic.Int64
		sane := w.host.Settings
		w.host.Settings = func(snap *pipeline.Snapshot) Settings {
			set := sane(snap)
			set.Timeout = time.Duration(limit.Load())
			return set
		}
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(time.Hour)
		limit.Store(int64(90 * time.Minute))
		w.passes(26 * time.Minute)
		w.shows(root, "⏰ **Session idle**")
		limit.Store(int64(10 * time.Hour))
		w.passes(time.Hour)
		if a.over() {
			t.Error("stopped although the limit was raised")
		}
		limit.Store(int64(time.Minute))
		w.passes(2 * time.Minute)
		if !a.over() {
			t.Error("runs although the limit was lowered")
		}
	})
}

// TestIdleOccupied covers RACE-13: an open prompt, a running tool and a
// background task count as activity; the clock begins when they are done.
func TestIdleOccupied(t *testing.T) {
	for name, begin := range map[string]func(w *world, root string, a *fakeAgent) (end func()){
		"open prompt": func(w *world, root string, a *fakeAgent) func() {
			a.call("q1", "AskUserQuestion", `{"questions":[{"question":"Which?","header":"A","options":[{"label":"Red"},{"label":"Blue"}]}]}`)
			a.ends(w.T)
			w.settle()
			return func() { w.reacts("alice", w.card(root).ID, "one") }
		},
		"running tool": func(w *world, root string, a *fakeAgent) func() {
			a.says(w.T, `{"type":"assistant","message":{"id":"m7","model":"m","content":[{"type":"tool_use","id":"t7","name":"Bash","input":{"command":"make"}}]}}`)
			return func() { a.ends(w.T) }
		},
		"background task": func(w *world, root string, a *fakeAgent) func() {
			a.says(w.T, `{"type":"system","subtype":"background_tasks_changed","tasks":[{"task_id":"b1","task_type":"shell","description":"make"}]}`)
			a.ends(w.T)
			return func() { a.says(w.T, `{"type":"system","subtype":"background_tasks_changed","tasks":[]}`) }
		},
	} {
		inIdle(t, 20*time.Minute, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.says("alice", root, "more")
			end := begin(w, root, a)
			w.passes(25 * time.Minute)
			if a.over() || len(w.about(root, "⏰")) != 0 {
				t.Errorf("%s: stopped %v: %q", name, a.over(), chattest.Messages(w.chat.Said(root)))
			}
			end()
			w.passes(12 * time.Minute)
			if a.over() {
				t.Errorf("%s: the time before counted", name)
			}
			w.passes(9 * time.Minute)
			if !a.over() {
				t.Errorf("%s: never stopped", name)
			}
		})
	}
}

// TestIdleGrants covers SEC-15: ✅ ends with the time-out, and the header says
// so; after the resumption the call is asked for again.
func TestIdleGrants(t *testing.T) {
	inIdle(t, 40*time.Minute, func(w *world) {
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		w.reacts("alice", w.card(root).ID, "white_check_mark")
		a.replies(t, "m1", "here")
		header := func() string { w.settle(); return w.chat.OfKind(root, "header")[0].Message }
		if !strings.Contains(header(), "**Grants**") {
			t.Fatal(header())
		}
		w.passes(41 * time.Minute)
		if !a.over() || strings.Contains(header(), "**Grants**") {
			t.Errorf("stopped %v, %s", a.over(), header())
		}
		w.says("alice", root, "go on")
		b := w.latest()
		b.bash("t2", "touch x")
		if b.gates["g-t2"].Decision != claude.Ask {
			t.Errorf("%+v", b.gates["g-t2"])
		}
	})
}

// TestIdleRestart covers DATA-10, DATA-09 and FUN-10: what timed out stays
// paused over a restart, for however long; 🔄 on the post that said so resumes
// it there, and only for who may; the limit of sessions holds.
func TestIdleRestart(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(time.Hour)
		post := w.about(root, "⏰ **Session timed out**")[0].ID
		w.closed()
		if len(w.about(root, "shutting down")) != 0 {
			t.Error("a paused session was told of the shutdown")
		}
		w.restarted()
		w.engine.Swap(w.rules(basicRules + notResumed))
		w.passes(1000 * time.Hour)
		if len(w.agents.all) != 1 {
			w.Fatal("resumed by itself")
		}
		w.reacts("mallory", post, "arrows_counterclockwise")
		w.shows(root, "is not authorized to resume this session")
		if len(w.agents.all) != 1 {
			w.Fatal("resumed by somebody without rights")
		}
		w.set.Max = 0
		w.reacts("bob", post, "arrows_counterclockwise")
		w.shows(root, "⚠️ **Too busy** - 0 sessions active")
		w.set.Max = 1
		w.reacts("bob", post, "arrow_forward")
		again := w.about(root, "🔄 **Session resumed** by @\u200bbob")
		if len(w.agents.all) != 2 || len(again) != 1 || again[0].ID != post {
			t.Errorf("%d agents: %q", len(w.agents.all), chattest.Messages(w.chat.Said(root)))
		}
	})
}

// TestIdleTimersEnd: however a session ends, nothing looks at its clock any more.
func TestIdleTimersEnd(t *testing.T) {
	for name, end := range map[string]func(w *world, root string, a *fakeAgent){
		"stop":    func(w *world, root string, _ *fakeAgent) { w.says("alice", root, "!stop") },
		"exit":    func(_ *world, _ string, a *fakeAgent) { a.h.Exit(exitOf(1)) },
		"restart": func(w *world, _ string, _ *fakeAgent) { w.closed() },
	} {
		inIdle(t, 30*time.Minute, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			s := w.host.session(w.host.threadID(w.rootID(root)))
			end(w, root, a)
			w.passes(3 * time.Hour)
			if s.hands.idle != nil || len(w.about(root, "⏰")) != 0 {
				t.Errorf("%s: timer %v, %q", name, s.hands.idle, chattest.Messages(w.chat.Said(root)))
			}
		})
	}
}

// over reports that the agent was stopped.
func (a *fakeAgent) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stopped
}

// slots are those that are taken.
func (w *world) slots() int {
	return w.host.slots().active()
}

// TestWarningsAreSettled covers STR-14: however a session goes on or ends, no
// post is left that announces a time-out or offers a resumption.
func TestWarningsAreSettled(t *testing.T) {
	for name, c := range map[string]struct {
		after   time.Duration
		happens func(w *world, root string, a *fakeAgent)
	}{
		"stop after the warning":  {26 * time.Minute, func(w *world, root string, _ *fakeAgent) { w.says("alice", root, "!stop") }},
		"stop after the time-out": {time.Hour, func(w *world, root string, _ *fakeAgent) { w.says("alice", root, "!stop") }},
		"exit after the warning":  {26 * time.Minute, func(_ *world, _ string, a *fakeAgent) { a.h.Exit(exitOf(1)) }},
		"restart":                 {26 * time.Minute, func(w *world, _ string, _ *fakeAgent) { w.closed() }},
		"directory gone": {time.Hour, func(w *world, root string, _ *fakeAgent) {
			w.agents.err = &claude.StartError{Err: claude.ErrNoDir}
			w.says("alice", root, "go on")
		}},
	} {
		inIdle(t, 30*time.Minute, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.passes(c.after)
			if len(w.about(root, "⏰")) != 1 {
				t.Fatalf("%s: %q", name, chattest.Messages(w.chat.Said(root)))
			}
			c.happens(w, root, a)
			w.settle()
			if left := w.about(root, "⏰"); len(left) != 0 {
				t.Errorf("%s: %q", name, chattest.Messages(left))
			}
		})
	}
}
