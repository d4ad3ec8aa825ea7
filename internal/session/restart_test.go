package session

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// kept gives the world's host a state directory.
func (w *world) kept(dir string) {
	w.Helper()
	store, err := state.Open(dir, state.WithLog(slog.New(slog.DiscardHandler)))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { store.Close() })
	w.host.Store = store
}

// restarted replaces the host by a new one on the same state and chat, as a new
// process would be: nothing is taken over that is not in the state directory.
func (w *world) restarted() {
	w.Helper()
	w.host.Lanes.Close()
	if err := w.host.Store.Close(); err != nil {
		w.Fatal(err)
	}
	dir, o := w.host.Store.Dir(), w.host.Options
	o.Lanes = pipeline.NewLanes(w.Context(), o.Log)
	hosts := Hosts{}
	w.engine = pipeline.NewEngine(w.engine.Snapshot(), hosts, nil)
	o.Engine = w.engine
	w.host = New(w.Context(), o)
	hosts["playground"] = w.host
	w.kept(dir)
}

// closed stops the host as the program does at its end.
func (w *world) closed() {
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	w.host.Close(ctx)
}

func (w *world) record(root string) (state.Session, error) {
	w.settle()
	return w.host.Store.Session(w.Context(), w.host.threadID(pipeline.PostID(root)))
}

func (w *world) latest() *fakeAgent { return w.agents.all[len(w.agents.all)-1] }

func inKept(t *testing.T, f func(w *world)) {
	dir := t.TempDir() + "/state"
	inWorld(t, "", func(w *world) {
		w.kept(dir)
		f(w)
	})
}

// rested opens a session whose Claude answers once, and restarts ctpipe.
func (w *world) rested() (root string, a *fakeAgent) {
	w.Helper()
	root, a = w.opened()
	a.replies(w.T, "m1", "here")
	w.settle()
	w.closed()
	w.restarted()
	return root, a
}

// answers ends a turn with a word.
func (a *fakeAgent) replies(t *testing.T, id, text string) {
	a.text(t, id, text)
	a.ends(t)
}

// TestResumeAfterExit: a Claude that ended after an answer comes back with the
// next message, in the same conversation, and gets that message once.
func TestResumeAfterExit(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		a.h.Exit(claude.Exit{Code: 1, Stderr: "boom"})
		w.settle()
		w.shows(root, "**[Exited: 1]**: boom")
		if n := w.host.slots().active(); n != 0 {
			t.Errorf("%d slots are taken", n)
		}
		w.says("alice", root, "go on")
		b := w.latest()
		if len(w.agents.all) != 2 || !b.spec.Resume || b.spec.SessionID != a.spec.SessionID || b.spec.Dir != a.spec.Dir {
			w.Fatalf("%d agents, %+v after %+v", len(w.agents.all), b.spec, a.spec)
		}
		chattest.Want(t, b.sent(), "go on")
	})
}

// TestResumeAfterRestart: after a stop, and after a crash, a message in the
// thread resumes the session with its owner, directory and conversation.
func TestResumeAfterRestart(t *testing.T) {
	for name, stop := range map[string]func(w *world){"stop": (*world).closed, "crash": func(*world) {}} {
		inKept(t, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			stop(w)
			w.restarted()
			if s := w.host.session(w.host.threadID(pipeline.PostID(root))); s != nil {
				w.Fatalf("%s: the new host knows it without its record", name)
			}
			w.says("bob", root, "go on")
			b := w.latest()
			if len(w.agents.all) != 2 || !b.spec.Resume || b.spec.SessionID != a.spec.SessionID || b.spec.Dir != a.spec.Dir {
				w.Fatalf("%s: %d agents, %+v after %+v", name, len(w.agents.all), b.spec, a.spec)
			}
			chattest.Want(t, b.sent(), "[@bob]: go on")
			if s := w.host.session(w.host.threadID(pipeline.PostID(root))); s.about.Owner != "u-alice" || s.process.Turns != 1 || s.process.Cost != 0.1 {
				t.Errorf("%s: owner %s, %d turns, %v dollars", name, s.about.Owner, s.process.Turns, s.process.Cost)
			}
		})
	}
}

// TestResumeByReaction: 🔄 on a post from before the restart resumes it; of
// somebody without rights it does not.
func TestResumeByReaction(t *testing.T) {
	inKept(t, func(w *world) {
		root, _ := w.rested()
		header := w.chat.OfKind(root, "header")[0].ID
		w.reacts("mallory", header, "arrows_counterclockwise")
		if len(w.agents.all) != 1 {
			w.Fatal("somebody without rights resumed it")
		}
		w.reacts("bob", header, "arrows_counterclockwise")
		if len(w.agents.all) != 2 || !w.latest().spec.Resume {
			w.Fatalf("%d agents", len(w.agents.all))
		}
		w.shows(root, "🔄 **Session resumed** by")
	})
}

// TestStoppedNeverResumes covers DATA-04: not by a message, not by 🔄, not
// after a restart; a mention opens a new session with a new conversation.
func TestStoppedNeverResumes(t *testing.T) {
	for _, restart := range []bool{false, true} {
		inKept(t, func(w *world) {
			root, a := w.opened()
			a.replies(t, "m1", "here")
			w.settle()
			header := w.chat.OfKind(root, "header")[0].ID
			w.says("alice", root, "!stop")
			w.shows(root, "Session cancelled")
			if restart {
				w.closed()
				w.restarted()
			}
			w.says("alice", root, "go on")
			w.reacts("alice", header, "arrows_counterclockwise")
			if n := len(w.agents.all); n != 1 {
				w.Fatalf("restart %v: %d agents", restart, n)
			}
			w.says("alice", root, "@claude-code anew")
			if b := w.latest(); len(w.agents.all) != 2 || b.spec.Resume || b.spec.SessionID == a.spec.SessionID {
				t.Errorf("restart %v: %d agents, %+v", restart, len(w.agents.all), b.spec)
			}
		})
	}
}

// TestEndedIsNotSaved covers DATA-05: what still comes from a Claude whose
// session was stopped, and a flush that is late, writes no record.
func TestEndedIsNotSaved(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.settle()
		s := w.host.session(w.host.threadID(pipeline.PostID(root)))
		before, err := w.record(root)
		if err != nil {
			w.Fatal(err)
		}
		w.says("alice", root, "!stop")
		a.replies(t, "m2", "late")
		a.h.Exit(claude.Exit{})
		s.record().save()
		s.invite("u-mallory", "u-alice")
		if v, err := w.record(root); err == nil {
			t.Errorf("the thread has a session again: %+v", v)
		}
		all, err := w.host.Store.Sessions(w.Context())
		if err != nil || len(all) != 0 {
			t.Errorf("live records: %+v %v", all, err)
		}
		if got, _ := w.host.Store.Invitations(w.Context(), before.ID); len(got) != 0 {
			t.Errorf("invitations into an ended session: %+v", got)
		}
	})
}

// TestSaveRacesStop covers DATA-05: whichever order a save and the end of the
// session are queued in, the record ends.
func TestSaveRacesStop(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		s := w.host.session(w.host.threadID(pipeline.PostID(root)))
		go s.record().save()
		go s.end("over")
		go s.record().save()
		if v, err := w.record(root); err == nil {
			t.Errorf("still there: %+v", v)
		}
	})
}

// TestNeverAnswered covers DATA-12: a session whose Claude never answered has no
// conversation; after a restart its message begins one instead of asking for it.
func TestNeverAnswered(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		w.settle()
		w.closed()
		w.restarted()
		w.says("alice", root, "are you there?")
		b := w.latest()
		if len(w.agents.all) != 2 || b.spec.Resume || b.spec.SessionID == a.spec.SessionID || b.spec.SessionID == "" {
			w.Fatalf("%d agents, %+v after %+v", len(w.agents.all), b.spec, a.spec)
		}
		chattest.Want(t, b.sent(), "are you there?")
	})
}

// TestLostConversation covers DATA-12: where the CLI does not know the
// conversation any more the session ends with a word, at once and for good.
func TestLostConversation(t *testing.T) {
	inKept(t, func(w *world) {
		root, _ := w.rested()
		w.says("alice", root, "go on")
		b := w.latest()
		b.says(t, `{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["No conversation found with session ID: x"]}`)
		b.h.Exit(claude.Exit{Code: 1})
		w.settle()
		w.shows(root, "Claude does not have this conversation any more")
		w.says("alice", root, "hello?")
		if n := len(w.agents.all); n != 2 {
			t.Errorf("%d agents", n)
		}
		if _, err := w.record(root); err == nil {
			t.Error("the record lives")
		}
	})
}

// TestFailedResumes covers DATA-12: three starts in a row without an answer are
// the end, also if ctpipe is restarted in between.
func TestFailedResumes(t *testing.T) {
	inKept(t, func(w *world) {
		root, _ := w.rested()
		for range 2 {
			w.says("alice", root, "go on")
			w.latest().h.Exit(claude.Exit{Code: 1, Stderr: "cannot"})
			w.settle()
		}
		w.restarted()
		w.says("alice", root, "go on")
		w.latest().h.Exit(claude.Exit{Code: 1, Stderr: "cannot"})
		w.settle()
		w.shows(root, "**Session ended** after 3 starts without an answer")
		n := len(w.agents.all)
		w.says("alice", root, "go on")
		if len(w.agents.all) != n || n != 4 {
			t.Errorf("%d agents, then %d", n, len(w.agents.all))
		}
	})
}

// TestInvited: ✅ on a stranger's message lets them talk in this session only,
// also after a restart, and approve nothing.
func TestInvited(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		w.says("mallory", root, "may I?")
		w.reacts("mallory", w.card(root).ID, "white_check_mark")
		if len(a.sent()) != 1 {
			w.Fatalf("a stranger let themselves in: %q", a.sent())
		}
		w.reacts("alice", w.card(root).ID, "white_check_mark")
		w.says("mallory", root, "thanks")
		chattest.Want(t, a.sent(), "hello", "[@mallory]: may I?", "[@mallory]: thanks")
		a.replies(t, "m1", "here")
		w.settle()
		w.closed()
		w.restarted()
		w.says("mallory", root, "again")
		b := w.latest()
		chattest.Want(t, b.sent(), "[@mallory]: again")
		b.bash("t1", "touch x")
		w.settle()
		w.reacts("mallory", w.card(root).ID, "+1")
		if len(b.asks) != 0 {
			t.Errorf("an invited stranger approved: %+v", b.asks)
		}
		other, c := w.opened()
		w.says("mallory", other, "here too?")
		chattest.Want(t, c.sent(), "hello")
	})
}

// TestClose: the threads are told, open cards are closed, agents are stopped,
// nothing new starts, and what waits is said to be undelivered.
func TestClose(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.says("alice", root, "more")
		a.bash("t1", "touch x")
		w.settle()
		card := w.card(root).ID
		w.closed()
		w.shows(root, "⏸️ **Bot shutting down**")
		w.shows(root, "ctpipe stopped before this was answered")
		if !a.stopped {
			t.Error("the agent runs")
		}
		w.reacts("alice", card, "+1")
		if len(a.asks) != 0 {
			t.Errorf("answered: %+v", a.asks)
		}
		w.says("alice", root, "go on")
		w.says("alice", "", "@claude-code another")
		if n := len(w.agents.all); n != 1 {
			t.Errorf("%d agents after Close", n)
		}
		v, err := w.record(root)
		if err != nil || v.State != process.Paused || v.Turns != 1 {
			t.Errorf("record %+v %v", v, err)
		}
	})
}

// TestKill: every session of the platform ends, those too that only a record is
// left of; none resumes, and the program is told to end.
func TestKill(t *testing.T) {
	inKept(t, func(w *world) {
		cold, _ := w.rested()
		killed := 0
		w.host.Kill = func() { killed++ }
		warm, b := w.opened()
		b.replies(t, "m2", "here")
		w.says("mallory", warm, "!kill")
		if killed != 0 || b.stopped {
			w.Fatal("somebody without rights killed it")
		}
		w.says("bob", warm, "!kill")
		if killed != 1 || !b.stopped {
			t.Errorf("killed %d times, stopped %v", killed, b.stopped)
		}
		w.shows(warm, "🔴 **EMERGENCY SHUTDOWN** by")
		w.closed()
		w.restarted()
		n := len(w.agents.all)
		for _, root := range []string{cold, warm} {
			w.says("alice", root, "go on")
			w.reacts("alice", w.chat.OfKind(root, "header")[0].ID, "arrows_counterclockwise")
		}
		if len(w.agents.all) != n {
			t.Errorf("%d agents resumed", len(w.agents.all)-n)
		}
	})
}

// TestForgottenWhenSaved: a paused session is read again from its record only
// when that is written; until then it is the one in memory.
func TestForgottenWhenSaved(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		w.settle()
		thread := w.host.threadID(pipeline.PostID(root))
		s, held := w.host.session(thread), make(chan struct{})
		if err := w.host.Lanes.Enqueue(string(thread)+"/state", func(context.Context) { <-held }); err != nil {
			w.Fatal(err)
		}
		a.replies(t, "m1", "here")
		a.h.Exit(claude.Exit{Code: 1})
		w.settle()
		if now := w.host.slots().sessionOf(w.Context(), pipeline.PostID(root)); now != s {
			t.Errorf("another session with %d turns is in its place", now.process.Turns)
		}
		close(held)
		w.settle()
		if w.host.session(thread) != nil {
			t.Error("it is never forgotten")
		}
		if v, err := w.record(root); err != nil || v.Turns != 1 || v.State != process.Paused {
			t.Errorf("record %+v %v", v, err)
		}
		if got := chattest.Messages(w.chat.OfKind(root, "answer")); len(got) != 1 || got[0] != "here" {
			t.Errorf("answers %q", got)
		}
	})
}
