package session

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// lifecycle is a hook that says in the thread what it is told of the session.
const lifecycle = `return {
	session = function(ev)
		ct.label("last", ev.notice.what)
		return ct.reply("hook: " .. ev.notice.what .. " " .. ev.session.state)
	end,
}`

// heard records the session events that an engine judged.
type heard struct {
	mu   sync.Mutex
	what []string
}

func (o *heard) observe(r *pipeline.Run) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Event.Kind == pipeline.KindSession {
		o.what = append(o.what, r.Event.Notice.What)
	}
}

// TestSessionEvents: what becomes of a session reaches the journal's observer
// and the hooks of kind session, through the real engine; what they reply is in
// the thread, also of a session that has ended.
func TestSessionEvents(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *world, root string, a *fakeAgent)
		want    []string
	}{
		"idle": {func(w *world, root string, a *fakeAgent) {
			w.passes(time.Hour)
			w.says("alice", root, "go on")
			w.says("alice", root, "!stop")
		}, []string{"started", "idle", "timed_out", "resumed", "ended"}},
		"exit":   {func(w *world, root string, a *fakeAgent) { a.h.Exit(exitOf(1)) }, []string{"started", "exited"}},
		"exit 0": {func(w *world, root string, a *fakeAgent) { a.h.Exit(exitOf(0)) }, []string{"started", "exited"}},
		"lost": {func(w *world, root string, a *fakeAgent) {
			a.h.Exit(exitOf(1))
			w.settle()
			w.agents.err = &claude.StartError{Command: "claude", Dir: "/gone", Err: claude.ErrNoDir}
			w.says("alice", root, "go on")
		}, []string{"started", "exited", "lost"}},
		"budget": {func(w *world, root string, a *fakeAgent) {
			a.says(w.T, `{"type":"result","subtype":"error_max_budget_usd","is_error":true,"errors":["budget"]}`)
		}, []string{"started", "over_budget"}},
	} {
		inIdle(t, 30*time.Minute, func(w *world) {
			seen := &heard{}
			hosts := Hosts{"playground": w.host}
			snap := w.policy(basicRules+"[[hook]]\nscript = \"scripts/life.lua\"\n", map[string]string{"scripts/life.lua": lifecycle})
			w.engine = pipeline.NewEngine(snap, hosts, seen.observe)
			w.host.Engine = w.engine
			root, a := w.opened()
			a.replies(t, "m1", "here")
			c.happens(w, root, a)
			w.settle()
			if !slices.Equal(seen.what, c.want) {
				t.Errorf("%s: %v, want %v", name, seen.what, c.want)
			}
			for _, what := range c.want {
				w.shows(root, "hook: "+what+" ")
			}
			if label := "last: " + c.want[0]; !strings.Contains(strings.Join(w.chat.Texts[w.chat.OfKind(root, "header")[0].ID], ""), label) {
				t.Errorf("%s: the header never had the label %q", name, label)
			}
		})
	}
}

// TestSessionEventsNeverBlock: hooks that hang, and a lane that is full, keep
// neither the session nor its clock waiting.
func TestSessionEventsNeverBlock(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		release := w.fills(string(w.host.threadID(w.rootID(root))) + "/events")
		a.replies(t, "m1", "here")
		w.says("alice", root, "more")
		w.says("alice", root, "!stop")
		if !a.over() {
			t.Error("it waits for who is told")
		}
		chattest.Want(t, a.sent(), "hello", "more")
		release()
	})
}

// TestSessionEventFacts: the event has the session's facts as they were.
func TestSessionEventFacts(t *testing.T) {
	inIdle(t, 30*time.Minute, func(w *world) {
		var mu sync.Mutex
		var got []pipeline.Event
		w.engine = pipeline.NewEngine(w.engine.Snapshot(), Hosts{"playground": w.host}, func(r *pipeline.Run) {
			mu.Lock()
			defer mu.Unlock()
			if r.Event.Kind == pipeline.KindSession {
				got = append(got, *r.Event)
			}
		})
		w.host.Engine = w.engine
		_, a := w.opened()
		a.replies(t, "m1", "here")
		w.passes(time.Hour)
		if len(got) != 3 {
			t.Fatalf("%d events", len(got))
		}
		for i, state := range []string{"idle", "idle", "paused"} {
			s := got[i].Session
			if s.State != state && !(i == 0 && s.State == process.Running) || s.Owner != "u-alice" || s.ID == "" || got[i].Thread.ID == "" || got[i].Notice.Text == "" {
				t.Errorf("%s: %+v", got[i].Notice.What, got[i])
			}
		}
		if got[1].Session.Idle < 24*60 || got[1].Session.Turns != 1 {
			t.Errorf("idle for %d s after %d turns", got[1].Session.Idle, got[1].Session.Turns)
		}
	})
}

// policy builds a policy with scripts.
func (w *world) policy(rules string, scripts map[string]string) *pipeline.Snapshot {
	w.Helper()
	files := map[string][]byte{"rules.toml": []byte(rules)}
	for name, text := range scripts {
		files[name] = []byte(text)
	}
	p, findings := w.load.Build(files, nil)
	if p == nil {
		w.Fatalf("rules: %+v", findings)
	}
	return p.Snapshot
}
