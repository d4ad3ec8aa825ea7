package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"ctpipe/pipeline"
)

func TestSessionRoundTrip(t *testing.T) {
	dir := home(t)
	s := open(t, dir)
	ctx := deadline(t)
	want := Session{
		ID: "s1", Platform: "main", Thread: "main:r1", ClaudeSession: "c1", Owner: "u1", Dir: "/src/app", Model: "m", Mode: pipeline.ModeAuto,
		State: "idle", Created: epoch, LastActive: epoch.Add(1500 * time.Millisecond), Turns: 3, Cost: 1.25, Extra: json.RawMessage(`{"worktree":"/w"}`),
	}
	if err := s.SaveSession(ctx, want); err != nil {
		t.Fatal(err)
	}
	want.Turns, want.State = 4, "running"
	if err := s.SaveSession(ctx, want); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSession(ctx, Session{ID: "s2", Thread: "main:r2"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSession(ctx, Session{ID: "s3", Thread: "main:r1"}); err == nil {
		t.Error("a second live session in one thread was accepted")
	}
	if err := s.SaveSession(ctx, Session{ID: "s4", Thread: "x", Extra: []byte("{")}); err == nil {
		t.Error("extra that is not JSON was accepted")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got, err := s.Session(ctx, "main:r1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	all, err := s.Sessions(ctx)
	if err != nil || len(all) != 2 || all[0].ID != "s1" || all[1].ID != "s2" {
		t.Errorf("Sessions = %+v, %v", all, err)
	}
	if _, err := s.Session(ctx, "nowhere"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown thread: %v", err)
	}
}

// DATA-04, DATA-05: nothing written late brings an ended session back.
func TestEndedStaysEndedDATA05(t *testing.T) {
	s := open(t, home(t))
	ctx := deadline(t)
	v := Session{ID: "s", Thread: "t", State: "running"}
	if err := s.EndSession(ctx, "s"); !errors.Is(err, ErrNotFound) {
		t.Errorf("end of an unknown session: %v", err)
	}
	for _, step := range []error{
		s.SaveSession(ctx, v), s.SavePrompt(ctx, Prompt{Session: "s", Request: "r"}), s.SavePrompt(ctx, Prompt{Request: "other"}),
		s.EndSession(ctx, "s"), s.EndSession(ctx, "s"),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	for what, err := range map[string]error{
		"session":    s.SaveSession(ctx, v),
		"prompt":     s.SavePrompt(ctx, Prompt{Session: "s", Request: "late"}),
		"invitation": s.Invite(ctx, Invited{Session: "s", User: "u"}),
	} {
		if !errors.Is(err, ErrEnded) {
			t.Errorf("late %s: %v; want ErrEnded", what, err)
		}
	}
	if _, err := s.Session(ctx, "t"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the session is back: %v", err)
	}
	if open, err := s.Prompts(ctx); err != nil || len(open) != 1 || open[0].Request != "other" {
		t.Errorf("prompts = %+v, %v", open, err)
	}
	if err := s.SaveSession(ctx, Session{ID: "next", Thread: "t"}); err != nil {
		t.Errorf("the thread's next session: %v", err)
	}
	if n, err := s.PruneSessions(ctx, epoch.Add(time.Second)); err != nil || n != 1 {
		t.Errorf("pruned %d, %v", n, err)
	}
}

// DATA-05 under load: whatever the interleaving, an ended session is gone.
func TestEndRacesSaveDATA05(t *testing.T) {
	s := open(t, home(t))
	ctx := deadline(t)
	for round := range 20 {
		id := pipeline.SessionID(fmt.Sprint("s", round))
		if err := s.SaveSession(ctx, Session{ID: id, Thread: "t"}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := s.SaveSession(ctx, Session{ID: id, Thread: "t"}); err != nil && !errors.Is(err, ErrEnded) {
					t.Error(err)
				}
			})
		}
		if err := s.EndSession(ctx, id); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if _, err := s.Session(ctx, "t"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

func TestPrompts(t *testing.T) {
	s := open(t, home(t))
	ctx := deadline(t)
	late := Prompt{Session: "s", Request: "r1", ToolUse: "toolu", Hash: "h", Deadline: epoch.Add(time.Hour), Post: "p", Data: json.RawMessage(`{"a":1}`)}
	soon := Prompt{Session: "s2", Request: "r1", Deadline: epoch}
	for _, p := range []Prompt{late, soon, late} {
		if err := s.SavePrompt(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Prompts(ctx); err != nil || !reflect.DeepEqual(got, []Prompt{soon, late}) {
		t.Errorf("Prompts = %+v, %v", got, err)
	}
	for range 2 {
		if err := s.DeletePrompt(ctx, "s2", "r1"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Prompts(ctx); err != nil || !reflect.DeepEqual(got, []Prompt{late}) {
		t.Errorf("Prompts = %+v, %v", got, err)
	}
}

func TestInvited(t *testing.T) {
	s := open(t, home(t))
	ctx := deadline(t)
	if err := s.SaveSession(ctx, Session{ID: "s", Thread: "t"}); err != nil {
		t.Fatal(err)
	}
	want := []Invited{{"s", "u2", "o", epoch}, {"s", "u1", "o", epoch.Add(time.Second)}}
	for _, v := range append(want, Invited{"s", "u2", "later", epoch.Add(time.Hour)}) {
		if err := s.Invite(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Invitations(ctx, "s"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.Uninvite(ctx, "s", "u2"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Invitations(ctx, "s"); err != nil || !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.Invite(ctx, Invited{Session: "never saved", User: "u"}); err == nil {
		t.Error("an invitation to no session was accepted")
	}
}

func TestCanaryAndPolicy(t *testing.T) {
	dir := home(t)
	s := open(t, dir)
	ctx := deadline(t)
	if _, err := s.Canary(ctx, "f"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no canary yet: %v", err)
	}
	if _, err := s.LastPolicy(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("no policy yet: %v", err)
	}
	canary := Canary{Fingerprint: "f", Path: "/usr/bin/claude", Size: 7, ModTime: epoch.Add(123456789), Version: "2.1", Detail: "deny did not deny"}
	policy := Policy{Rev: "3f2a41", Files: map[string][]byte{"rules.toml": {0, 255, '\n'}}, At: epoch}
	if err := errors.Join(s.SaveCanary(ctx, canary), s.SavePolicy(ctx, Policy{Rev: "older"}), s.SavePolicy(ctx, policy)); err != nil {
		t.Fatal(err)
	}
	canary.Passed, canary.Detail = epoch, ""
	if err := s.SaveCanary(ctx, canary); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got, err := s.Canary(ctx, "f"); err != nil || !reflect.DeepEqual(got, canary) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.LastPolicy(ctx); err != nil || !reflect.DeepEqual(got, policy) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestContextAndClose(t *testing.T) {
	s := open(t, home(t))
	notes(t, s)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.SaveSession(gone, Session{ID: "s", Thread: "t"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSession(deadline(t), Session{ID: "s", Thread: "t"}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := s.Sessions(deadline(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// Durability is what the design says it is, on every connection.
func TestPragmas(t *testing.T) {
	s := open(t, home(t))
	notes(t, s)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1", "query_only": "0"} {
		var got string
		if err := s.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := s.read.Exec(`DELETE FROM meta`); err == nil {
		t.Error("a reading connection wrote")
	}
}

// BenchmarkOpen is what start waits for: directory, lock, a look at the header.
func BenchmarkOpen(b *testing.B) {
	dir := home(b)
	for b.Loop() {
		s, err := Open(dir, WithLog(quiet))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkReady adds the part in the background, on an existing database.
func BenchmarkReady(b *testing.B) {
	dir := home(b)
	for b.Loop() {
		s, err := Open(dir, WithLog(quiet))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Ready(context.Background()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSaveSession(b *testing.B) {
	s := open(b, home(b))
	notes(b, s)
	ctx := context.Background()
	for b.Loop() {
		if err := s.SaveSession(ctx, Session{ID: "s", Thread: "t", LastActive: epoch}); err != nil {
			b.Fatal(err)
		}
	}
}
