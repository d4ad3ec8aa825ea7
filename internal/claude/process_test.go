package claude

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

type fakeReport struct {
	Argv, Env []string
	Cwd, Text string
	Last      bool
}

// TestNoSecretsReachTheChild: T2, SEC-14. What Claude sees of the world is an
// allow-list, and no part of it is ctpipe's or Mattermost's.
func TestNoSecretsReachTheChild(t *testing.T) {
	const secret = "s3cr3t-t0ken"
	for _, name := range []string{"CTPIPE_TOKEN", "CT_TOKEN", "MM_TOKEN", "MATTERMOST_TOKEN", "MMTOKEN", "CTPIPE_STATE",
		"AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "GITHUB_TOKEN", "DATABASE_URL", "CLAUDE_CODE_USE_BEDROCK", "LD_AUDIT_X"} {
		t.Setenv(name, secret)
	}
	t.Setenv("ANTHROPIC_API_KEY", "for-claude")
	t.Setenv("LC_TIME", "C.UTF-8")
	s := fakeSpec(t, "report")
	s.Hold = 150 * time.Millisecond
	p, w := startFake(t, s)
	var r fakeReport
	w.report(t, &r)

	cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{strings.Join(r.Env, "\n"), strings.Join(r.Argv, "\n"), string(cmdline)} {
		if strings.Contains(where, secret) {
			t.Errorf("the secret is in %q", where)
		}
	}
	for _, want := range []string{"ANTHROPIC_API_KEY=for-claude", "LC_TIME=C.UTF-8", "PATH=" + os.Getenv("PATH"),
		"DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_MAX_RETRIES=3", "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1",
		"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "CLAUDE_CODE_STREAM_EVENT_HOLD_MS=150"} {
		if !slices.Contains(r.Env, want) {
			t.Errorf("%s is missing in %q", want, r.Env)
		}
	}
	if dir, _ := filepath.EvalSymlinks(s.Dir); r.Cwd != dir {
		t.Errorf("runs in %s, want %s", r.Cwd, dir)
	}
}

// TestSplitUTF8 is STR-16: every byte a write of its own.
func TestSplitUTF8(t *testing.T) {
	const text = `{"type":"report","text":"grüße 🙂 日本語 \ud83d\ude00"}`
	p, w := startFake(t, fakeSpec(t, "bytewise:"+text))
	awaitReady(t, p)
	var r fakeReport
	w.report(t, &r)
	if r.Text != "grüße 🙂 日本語 😀" {
		t.Errorf("got %q", r.Text)
	}
}

func TestLineOf20MB(t *testing.T) {
	if testing.Short() {
		t.Skip("two processes pass 20 MB on")
	}
	p, w := startFake(t, fakeSpec(t, "big:20000000"))
	awaitReady(t, p)
	var r fakeReport
	w.report(t, &r)
	if r.Text != strings.Repeat("ä", 10_000_000) {
		t.Errorf("%d bytes", len(r.Text))
	}
}

func TestLineOverTheLimit(t *testing.T) {
	s := fakeSpec(t, "endless")
	s.Limits.Line = 1 << 20
	s.Limits.Close, s.Limits.Term = 50*time.Millisecond, 5*time.Second
	p, w := startFake(t, s)
	e := awaitDone(t, p)
	if !errors.Is(e.Err, ErrLineTooLong) || len(w.exits) != 1 {
		t.Errorf("exit %+v", e)
	}
	if err := p.Send(UserMessage{Text: "x"}); !errors.Is(err, ErrClosed) {
		t.Errorf("sending to a dead CLI: %v", err)
	}
}

// TestStartFaults is RACE-05.
func TestStartFaults(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	script := filepath.Join(dir, "script")
	os.WriteFile(plain, []byte("no program"), 0o600)
	os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o700)
	gone := filepath.Join(dir, "gone")
	for _, c := range []struct {
		name string
		s    Spec
		want error
	}{
		{"missing", Spec{Command: []string{filepath.Join(dir, "nothing")}, Dir: dir}, ErrNoCLI},
		{"not on PATH", Spec{Command: []string{"no-such-program-at-all"}, Dir: dir}, ErrNoCLI},
		{"not executable", Spec{Command: []string{plain}, Dir: dir}, ErrNotExecutable},
		{"a directory", Spec{Command: []string{dir}, Dir: dir}, ErrNotExecutable},
		{"no interpreter", Spec{Command: []string{script}, Dir: dir}, ErrNotExecutable},
		{"directory deleted", Spec{Command: []string{"/bin/sh"}, Dir: gone}, ErrNoDir},
		{"directory is a file", Spec{Command: []string{"/bin/sh"}, Dir: plain}, ErrNoDir},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.s.SessionID = testSession
			_, err := Start(context.Background(), c.s, Handler{})
			var fault *StartError
			if !errors.Is(err, c.want) || !errors.As(err, &fault) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	for _, code := range []int{0, 1, 42} {
		p, w := startFake(t, fakeSpec(t, "exit:"+strconv.Itoa(code)))
		e := awaitDone(t, p)
		if e.Code != code || e.Signal != 0 || e.Stage != StageNone || e.Err != nil {
			t.Errorf("exit %+v, want %d", e, code)
		}
		if want := "going with " + strconv.Itoa(code); !strings.Contains(e.Stderr, want) || !strings.Contains(p.Stderr(), want) {
			t.Errorf("stderr %q", e.Stderr)
		}
		var r fakeReport
		w.report(t, &r) // the last line had no newline
		if !r.Last {
			t.Error("the last words are lost")
		}
	}
}

// TestKilledFromOutside: a CLI that someone else kills is reported as such.
func TestKilledFromOutside(t *testing.T) {
	p, _ := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, p)
	syscall.Kill(p.PID(), syscall.SIGKILL)
	if e := awaitDone(t, p); e.Signal != syscall.SIGKILL || e.Code != -1 || e.Stage != StageNone {
		t.Errorf("exit %+v", e)
	}
}

func TestControl(t *testing.T) {
	p, _ := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, p)
	if init, ok := p.initialized(); !ok || init.Version != "fake" {
		t.Errorf("initialized %+v", init)
	}
	ctx := context.Background()
	raw, err := p.Control(ctx, "set_permission_mode", map[string]any{"mode": "plan", "subtype": "initialize"})
	if err != nil || !strings.Contains(string(raw), `"echo":"set_permission_mode"`) {
		t.Errorf("%s, %v", raw, err)
	}
	var refused *ControlError
	if _, err = p.Control(ctx, "frobnicate", nil); !errors.As(err, &refused) || refused.Code != "unsupported_request" {
		t.Errorf("%v", err)
	}
	if err := p.Interrupt(ctx, true); err != nil {
		t.Error(err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err = p.Control(short, "silence", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	go p.Stop(ctx)
	if _, err = p.Control(ctx, "silence", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a request when the CLI ends: %v", err)
	}
}

// TestNothingPassesWithoutAGate: a CLI that does not confirm the gate never
// gets a message and is stopped (P5).
func TestNothingPassesWithoutAGate(t *testing.T) {
	for _, how := range []string{"error", "unsupported", "garbage"} {
		t.Run(how, func(t *testing.T) {
			w := newWatch()
			p, err := Start(context.Background(), fakeSpec(t, "nogate:"+how), w.handler())
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Send(UserMessage{Text: "do something"}); err != nil && !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
			e := awaitDone(t, p)
			if !errors.Is(e.Err, ErrNoGate) || !strings.Contains(e.Stderr, `after initialize: ""`) {
				t.Errorf("exit %+v", e)
			}
			if _, ok := p.initialized(); ok {
				t.Error("counts as initialized")
			}
		})
	}
}

// TestBlockedCLIBlocksNobody is RACE-07: full pipe, full queue, closed stdin.
func TestBlockedCLIBlocksNobody(t *testing.T) {
	t.Run("deaf", func(t *testing.T) {
		s := fakeSpec(t, "deaf")
		s.Limits.QueueLines, s.Limits.QueueBytes = 100, 4<<20
		s.Limits.Close, s.Limits.Term = 20*time.Millisecond, 20*time.Millisecond
		p, w := startFake(t, s)
		w.report(t, new(fakeReport))
		var err error
		began := time.Now()
		for range 200 {
			if _, err = p.Control(expired(), "fill", map[string]any{"x": strings.Repeat("y", 100<<10)}); errors.Is(err, ErrQueueFull) {
				break
			}
		}
		if !errors.Is(err, ErrQueueFull) || time.Since(began) > 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := p.Send(UserMessage{Text: "hello"}); !errors.Is(err, ErrQueueFull) {
			t.Errorf("send: %v", err)
		}
		if e := p.Stop(context.Background()); e.Signal != syscall.SIGKILL || e.Stage != StageKill {
			t.Errorf("exit %+v", e)
		}
	})
	t.Run("mute", func(t *testing.T) { // EPIPE
		p, w := startFake(t, fakeSpec(t, "mute"))
		w.report(t, new(fakeReport))
		eventually(t, "EPIPE", func() bool {
			_, err := p.Control(expired(), "x", nil)
			return errors.Is(err, ErrClosed) && errors.Is(err, syscall.EPIPE)
		})
	})
	t.Run("hangup", func(t *testing.T) {
		s := fakeSpec(t, "hangup")
		s.Limits.Close = 50 * time.Millisecond
		p, _ := startFake(t, s)
		if e := awaitDone(t, p); e.Err == nil || e.Code != 7 {
			t.Errorf("exit %+v", e)
		}
	})
}

func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestStopInOrder: an idle CLI goes when its stdin is closed.
func TestStopInOrder(t *testing.T) {
	p, w := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, p)
	results := make(chan Exit, 3)
	for range 3 {
		go func() { results <- p.Stop(context.Background()) }()
	}
	for range 3 {
		if e := <-results; e.Stage != StageClose || e.Code != 0 || e.Killed != 0 {
			t.Errorf("exit %+v", e)
		}
	}
	if len(w.exits) != 1 {
		t.Errorf("Exit was called %d times", len(w.exits))
	}
	if err := p.Send(UserMessage{Text: "late"}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// TestStopReachesEverything is RACE-08: a CLI that obeys nothing, a child of
// its group, one with its own session that ignores SIGTERM, and a stray whose
// parent is gone.
func TestStopReachesEverything(t *testing.T) {
	for _, how := range []string{"escalation", "hurry", "cli killed from outside"} {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			s := fakeSpec(t, "stubborn", "FAKE_DIR="+dir)
			s.Limits.Interrupt, s.Limits.Close, s.Limits.Term = 20*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
			if how == "hurry" {
				s.Limits.Close = time.Hour
			}
			p, _ := startFake(t, s)
			awaitReady(t, p)
			pids := childPIDs(t, dir, "plain", "setsid", "stray")
			var e Exit
			switch how {
			case "escalation":
				e = p.Stop(context.Background())
			case "hurry":
				ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
				defer cancel()
				e = p.Stop(ctx)
			default:
				syscall.Kill(p.PID(), syscall.SIGKILL)
				e = awaitDone(t, p)
			}
			if e.Signal != syscall.SIGKILL || e.Killed < 1 {
				t.Errorf("exit %+v", e)
			}
			if how == "cli killed from outside" {
				// Nobody looked while the CLI lived: what cleared its environment
				// and left the group cannot be found. It also holds stdout open,
				// and yet the exit was reported.
				if !living(pids["setsid"]) {
					t.Error("the test proves nothing: the child is gone")
				}
				syscall.Kill(pids["setsid"], syscall.SIGKILL)
			}
			for name, pid := range pids {
				eventually(t, name+" to be gone", func() bool { return !living(pid) })
			}
		})
	}
}

// childPIDs waits until each child has written its pid.
func childPIDs(t *testing.T, dir string, names ...string) map[string]int {
	t.Helper()
	pids := map[string]int{}
	for _, name := range names {
		eventually(t, name, func() bool {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			pids[name], _ = strconv.Atoi(string(text))
			return pids[name] > 0
		})
	}
	return pids
}

func living(pid int) bool {
	st, ok := stat(pid)
	return ok && !st.zombie
}

// TestParentDeath is RACE-08: SIGKILL of ctpipe ends the CLI by SIGTERM.
func TestParentDeath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "last")
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), fakeVar+"=host:"+file)
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	word := make([]byte, 16)
	n, err := out.Read(word)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(word[:n])))
	if err != nil || !living(pid) {
		t.Fatalf("%q, %v", word[:n], err)
	}
	host.Process.Kill()
	host.Wait()
	eventually(t, "SIGTERM", func() bool {
		text, _ := os.ReadFile(file)
		return string(text) == "SIGTERM"
	})
	eventually(t, "the end of the CLI", func() bool { return !living(pid) })
}

// TestReplacedProcess is RACE-04: each process speaks to its own handler only.
func TestReplacedProcess(t *testing.T) {
	old, oldWatch := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, old)
	fresh, freshWatch := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, fresh)
	if err := old.Send(UserMessage{Text: `{"type":"report","text":"late"}`}); err != nil {
		t.Fatal(err)
	}
	oldWatch.report(t, new(fakeReport))
	if e := old.Stop(context.Background()); e.Code != 0 {
		t.Errorf("exit %+v", e)
	}
	if err := fresh.Send(UserMessage{Text: `{"type":"report","text":"new"}`}); err != nil {
		t.Fatal(err)
	}
	var r fakeReport
	freshWatch.report(t, &r)
	freshWatch.mu.Lock()
	defer freshWatch.mu.Unlock()
	if r.Text != "new" || len(freshWatch.messages) != 1 || len(freshWatch.exits) != 0 {
		t.Errorf("the new one heard %v, exits %v", freshWatch.messages, freshWatch.exits)
	}
}

func TestStderrRing(t *testing.T) {
	g := ring{size: 10}
	for range 100 {
		g.write([]byte("äöü"))
	}
	if got := g.String(); got != "…öüäöü" && got != "…\uFFFDöüäöü" && len(got) > 20 {
		t.Errorf("%q", got)
	}
	if len(g.buf) != 10 || cap(g.buf) > 64 {
		t.Errorf("%d bytes of %d", len(g.buf), cap(g.buf))
	}
}

// TestUserMessageLines: what people write is never expanded by the CLI, and is
// one line whatever it contains.
func TestUserMessageLines(t *testing.T) {
	p, w := startFake(t, fakeSpec(t, "parrot"))
	texts := []string{"look at @/etc/passwd", "/compact", "two\nlines\r\nand \u2028 more", "<b>&\"\\ 🙂", ""}
	for i, text := range texts {
		if err := p.Send(UserMessage{UUID: "u" + strconv.Itoa(i), Text: text, Silent: i == 4}); err != nil {
			t.Fatal(err)
		}
	}
	blocks := []json.RawMessage{json.RawMessage("{\"type\":\"text\",\n \"text\":\"x\"}")}
	if err := p.Send(UserMessage{Blocks: blocks}); err != nil {
		t.Fatal(err)
	}
	if err := p.Send(UserMessage{Text: "/cost", AsTyped: true}); err != nil {
		t.Fatal(err)
	}
	w.mustUntil(t, "seven lines", func() bool { return len(w.messages) == 7 })
	for i, m := range w.messages {
		var l struct {
			Got struct {
				UUID           string
				ClientComposed bool  `json:"client_composed"`
				ShouldQuery    *bool `json:"shouldQuery"`
				Message        struct{ Content json.RawMessage }
			}
		}
		if err := json.Unmarshal(m.Header().Raw, &l); err != nil {
			t.Fatal(err)
		}
		var text string
		json.Unmarshal(l.Got.Message.Content, &text)
		if l.Got.ClientComposed != (i != 6) || (l.Got.ShouldQuery != nil) != (i == 4) || (i < 5 && (text != texts[i] || l.Got.UUID != "u"+strconv.Itoa(i))) {
			t.Errorf("line %d: %s", i, m.Header().Raw)
		}
	}
	for _, bad := range []UserMessage{{Text: "x", Blocks: blocks}, {Blocks: []json.RawMessage{[]byte("[]")}}, {Blocks: []json.RawMessage{[]byte("{")}}} {
		if err := p.Send(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
