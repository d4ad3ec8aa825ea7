package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/calls"
	"ctpipe/internal/claude"
	"ctpipe/internal/thread"
)

// TestParkedStartLeavesTheSession covers DATA-05: a start that is approved when
// its thread has got a session meanwhile, also a paused one, neither takes that
// session's place nor passes as a message to it.
func TestParkedStartLeavesTheSession(t *testing.T) {
	inKept(t, func(w *world) {
		w.engine.Swap(w.rules(basicRules + ruleOn("start", "others", `not user.allowed`, "then='ask'\nwhy='a stranger'")))
		root := w.says("mallory", "", "@claude-code mine")
		card := w.card(root)
		w.says("alice", root, "@claude-code hello")
		a := w.latest()
		a.replies(t, "m1", "here")
		a.h.Exit(claude.Exit{Code: 1})
		w.settle()
		before, err := w.record(root)
		if err != nil {
			t.Fatal(err)
		}
		w.reacts("bob", card.ID, "+1")
		w.settle()
		after, err := w.record(root)
		if err != nil || after.ID != before.ID || len(w.agents.all) != 1 {
			t.Fatalf("%s became %s, %d agents, %v", before.ID, after.ID, len(w.agents.all), err)
		}
		w.shows(root, "has a session by now")
		w.says("alice", root, "go on")
		b := w.latest()
		if b.spec.SessionID != a.spec.SessionID || strings.Contains(fmt.Sprint(b.sent()), "mine") {
			t.Errorf("resumed %s as %s with %q", a.spec.SessionID, b.spec.SessionID, b.sent())
		}
	})
}

// TestPausedThreadKeepsItsSize: a stranger who writes into a paused thread,
// however often, leaves nothing behind in memory.
func TestPausedThreadKeepsItsSize(t *testing.T) {
	inKept(t, func(w *world) {
		w.engine.Swap(w.rules(basicRules + ruleOn("post", "wake", `session.state == "paused" and not user.allowed`, "then='deny'")))
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		a.replies(t, "m1", "here")
		w.settle()
		w.closed()
		w.restarted()
		w.says("mallory", root, "first")
		box := w.host.thread(w.rootID(root)).Out
		n := box.Size()
		for range 20 {
			w.says("mallory", root, "again")
		}
		if got := box.Size(); got > n {
			t.Errorf("%d posts were %d", got, n)
		}
	})
}

// TestCrashKeepsWhatWasWritten covers S6: what Claude wrote is remembered over
// a crash in the middle of its turn, and however much it writes.
func TestCrashKeepsWhatWasWritten(t *testing.T) {
	inKept(t, func(w *world) {
		w.engine.Swap(w.rules(basicRules + ruleOn("tool", "writes", `tool.name == "Write"`, "then='allow'")))
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.settle()
		a.call("w1", "Write", `{"file_path":"`+w.set.Dir+`/x.sh","content":"rm -rf /"}`)
		w.settle()
		v, err := w.record(root)
		if err != nil || !strings.Contains(string(v.Extra), "x.sh") {
			t.Errorf("a crash would forget it: %s %v", v.Extra, err)
		}
	})
	inWorld(t, ruleOn("tool", "writes", `tool.name == "Write"`, "then='allow'"), func(w *world) {
		_, a := w.opened()
		for i := range calls.WroteMost + 100 {
			name := "x.sh"
			if i > 0 {
				name = fmt.Sprintf("f%d", i)
			}
			id := fmt.Sprintf("w%d", i)
			a.call(id, "Write", `{"file_path":"`+w.set.Dir+`/`+name+`","content":"x"}`)
			a.done(t, id)
		}
		w.settle()
		a.bash("t1", "bash x.sh")
		s := w.host.slots().all()[0]
		for _, p := range s.Prompts(thread.AnyPrompt) {
			if !strings.Contains(p.Call.Judged.Event.Tool.Why, "was written in this session") {
				t.Errorf("forgotten: %+v", p.Call.Judged.Event.Tool)
			}
		}
		if len(s.Prompts(thread.AnyPrompt)) != 1 || len(s.calls.Wrote) > calls.WroteMost {
			t.Errorf("%d cards, %d paths", len(s.Prompts(thread.AnyPrompt)), len(s.calls.Wrote))
		}
	})
}

// TestTaskTurnKeepsItsRequesters: the turn that the end of a background task
// begins is for whoever asked for the task, also where somebody writes at that
// moment (recording 13e: no task, then the turn).
func TestTaskTurnKeepsItsRequesters(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"system","subtype":"background_tasks_changed","tasks":[{"task_id":"b1"}]}`)
		a.replies(t, "m1", "started")
		w.settle()
		s := w.host.session(w.host.threadID(w.rootID(root)))
		clear(s.inbox.Undone)
		a.says(t, `{"type":"system","subtype":"background_tasks_changed","tasks":[]}`)
		w.post("bob", root, "something else")
		time.Sleep(100 * time.Millisecond)
		a.says(t, `{"type":"system","subtype":"init","session_id":%q,"model":"m"}`, a.spec.SessionID)
		if got := fmt.Sprint(s.inbox.Requesters); got != "[u-alice u-bob]" {
			t.Errorf("the turn is for %s", got)
		}
		a.replies(t, "m2", "done")
		w.settle()
		clear(s.inbox.Undone)
		w.says("bob", root, "only me")
		if got := fmt.Sprint(s.inbox.Requesters); got != "[u-bob]" {
			t.Errorf("a later turn is for %s", got)
		}
	})
}
