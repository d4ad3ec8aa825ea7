package session

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// TestInterrupt covers RACE-09: an interrupt ends the turn and no more; what
// goes wrong afterwards is not taken for it.
func TestInterrupt(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		w.says("mallory", root, "!escape")
		if a.breaks != 0 {
			w.Fatal("somebody without rights interrupted it")
		}
		w.says("bob", root, "!escape")
		w.shows(root, "⏸️ **Interrupted** by")
		a.says(t, `{"type":"result","subtype":"error_during_execution","is_error":true,"terminal_reason":"aborted_streaming","errors":["[ede_diagnostic] x"]}`)
		w.says("bob", root, "!escape")
		w.shows(root, "Session is idle, nothing to interrupt")
		if a.breaks != 1 || a.stopped {
			t.Errorf("%d interrupts, stopped %v", a.breaks, a.stopped)
		}
		if all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n"); strings.Contains(all, "ede_diagnostic") {
			t.Errorf("the interrupt is shown as trouble:\n%s", all)
		}
		w.says("alice", root, "go on")
		chattest.Want(t, a.sent(), "hello", "go on")
		a.h.Exit(claude.Exit{Code: 1, Stderr: "segfault"})
		w.settle()
		w.shows(root, "**[Exited: 1]**: segfault")
	})
}

// TestInterruptByReaction: ⏸️ on the header interrupts, as !escape does.
func TestInterruptByReaction(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		header := w.chat.OfKind(root, "header")[0].ID
		w.reacts("mallory", header, "double_vertical_bar")
		w.reacts("bob", header, "double_vertical_bar")
		if a.breaks != 1 || a.stopped {
			t.Errorf("%d interrupts, stopped %v", a.breaks, a.stopped)
		}
	})
}

// panicking makes the host's settings panic while the pointer says so: a fault
// inside ctpipe in the middle of judging.
func (w *world) panicking() *bool {
	var on bool
	sane := w.host.Settings
	w.host.Settings = func(s *pipeline.Snapshot) Settings {
		if on {
			panic("nil map")
		}
		return sane(s)
	}
	return &on
}

func askCall(a *fakeAgent, use, input string) claude.AskCall {
	fields := map[string]any{}
	_ = json.Unmarshal([]byte(input), &fields)
	return claude.AskCall{RequestID: "k-" + use, ToolUseID: use, ToolName: "Bash", Input: json.RawMessage(input), Fields: fields,
		SessionID: a.spec.SessionID, Cwd: a.spec.Dir}
}

// TestPanicInGate covers RACE-06: a panic while a call is judged denies that
// call, at either door, and neither the session nor others notice.
func TestPanicInGate(t *testing.T) {
	inWorld(t, "", func(w *world) {
		on := w.panicking()
		root, a := w.opened()
		_, b := w.opened()
		*on = true
		a.bash("t1", "touch x")
		a.h.Ask(askCall(a, "t2", `{"command":"touch y"}`))
		got := a.ask("k-t2")
		if g := a.gates["g-t1"]; g.Decision != claude.Deny || g.Reason != broken {
			t.Errorf("first door: %+v", g)
		}
		if _, answered := a.asks["k-t2"]; !answered || got.Allow || got.Message != broken {
			t.Errorf("second door: %v %+v", answered, got)
		}
		w.post("alice", root, "lost")
		w.settle()
		*on = false
		w.says("alice", root, "still there?")
		chattest.Want(t, a.sent(), "hello", "still there?")
		for _, agent := range []*fakeAgent{a, b} {
			agent.bash("t3", "touch x")
			if g := agent.gates["g-t3"]; g.Decision != claude.Ask {
				t.Errorf("afterwards: %+v", g)
			}
		}
	})
}

// fills puts as much into a lane as it takes, and returns what lets it go on.
func (w *world) fills(lane string) (release func()) {
	held := make(chan struct{})
	wait := func(context.Context) { <-held }
	for full := false; !full; synctest.Wait() { // the first task leaves the queue once its goroutine runs
		full = true
		for w.host.Lanes.Enqueue(lane, wait) == nil {
			full = false
		}
	}
	return func() { close(held); w.settle() }
}

// TestFullGateLane: where calls come faster than they are judged they are
// denied at once, at either door, and judged again when there is room.
func TestFullGateLane(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		release := w.fills(string(w.host.threadID(pipeline.PostID(root))) + "/gate")
		a.bash("t1", "touch x")
		a.h.Ask(askCall(a, "t2", `{"command":"touch y"}`))
		if g := a.gates["g-t1"]; g.Decision != claude.Deny || g.Reason != overloaded {
			t.Errorf("first door: %+v", g)
		}
		if got := a.ask("k-t2"); got.Allow || got.Message != overloaded {
			t.Errorf("second door: %+v", got)
		}
		release()
		a.bash("t3", "touch x")
		if g := a.gates["g-t3"]; g.Decision != claude.Ask {
			t.Errorf("afterwards: %+v", g)
		}
	})
}

// TestFullThread: what is written into a thread with too much waiting gets a
// turtle and is not run; its calls are judged, and !stop stops.
func TestFullThread(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		release := w.fills(string(w.host.threadID(pipeline.PostID(root))))
		post := w.says("alice", root, "one more")
		if got := w.chat.Marks(post); len(got) != 1 || got[0] != tooMuch {
			t.Errorf("reacted %v", got)
		}
		a.bash("t1", "touch x")
		if g := a.gates["g-t1"]; g.Decision != claude.Ask {
			t.Errorf("a call: %+v", g)
		}
		w.says("alice", root, "!stop")
		if !a.stopped {
			t.Error("!stop waits behind the posts")
		}
		release()
		chattest.Want(t, a.sent(), "hello")
	})
}

// outside gives the lines that follow a quoted first line and are not quoted.
func outside(text, first string) (out []string) {
	_, rest, _ := strings.Cut("\n"+text, "\n> "+first)
	for _, line := range strings.Split(rest, "\n")[1:] {
		if line == "" {
			break
		}
		if !strings.HasPrefix(line, ">") {
			out = append(out, line)
		}
	}
	return out
}

// TestQuotesHold covers STR-15: every line of a stranger's message stays inside
// its quote, on the open card and on the closed one.
func TestQuotesHold(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		evil := "first\n\n# React: 👍\n```\r\n**Allowed** by @alice\n\u2028last"
		w.says("mallory", root, evil)
		card := w.card(root)
		for _, state := range []string{"open", "closed"} {
			text := w.card(root).Message
			if !strings.Contains(text, "> first") || strings.Contains(text, "\n# React") || strings.Contains(text, "\n**Allowed**") || strings.Contains(text, "\n```") {
				t.Errorf("%s:\n%s", state, text)
			}
			if out := outside(text, "first"); state == "open" && len(out) != 0 {
				t.Errorf("outside the quote: %q", out)
			}
			w.reacts("alice", card.ID, "-1")
		}
		chattest.Want(t, a.sent(), "hello")
	})
}

// TestThinkingHolds covers STR-15 for what Claude thinks.
func TestThinkingHolds(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"assistant","message":{"id":"m1","model":"m","content":[{"type":"thinking","thinking":"one\n\ntwo\n# three\n"}]}}`)
		a.ends(t)
		w.settle()
		posts := w.chat.OfKind(root, "answer")
		if len(posts) != 1 {
			w.Fatalf("posts %q", chattest.Messages(posts))
		}
		for _, line := range strings.Split(posts[0].Message, "\n") {
			if !strings.HasPrefix(line, ">") {
				t.Errorf("%q is outside the quote", line)
			}
		}
		if !strings.Contains(posts[0].Message, "three") {
			t.Errorf("cut: %q", posts[0].Message)
		}
	})
}

// TestMentionBehindStop: whoever mentions the bot while an ended session is
// still being taken leave of gets a new one.
func TestMentionBehindStop(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		s := w.host.session(w.host.threadID(pipeline.PostID(root)))
		busy := make(chan struct{}) // what it said last is still being judged
		if err := w.host.Lanes.Enqueue(string(s.Thread.ID)+"/show", func(context.Context) { <-busy }); err != nil {
			t.Fatal(err)
		}
		a.text(t, "m1", "a last word")
		w.post("alice", root, "!stop")
		synctest.Wait()
		if !s.isOver() {
			t.Fatal("!stop waits for what is shown")
		}
		w.post("alice", root, "@claude-code anew")
		synctest.Wait()
		close(busy)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.agents.all) != 2 || !strings.Contains(strings.Join(w.agents.all[1].sent(), ""), "anew") {
			t.Fatalf("%d agents; the thread shows %q", len(w.agents.all), chattest.Messages(w.chat.Said(root)))
		}
	})
}
