package claude

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// fakeVar makes the test binary play a CLI, or another child; see fakecli_test.go.
const fakeVar = "FAKE_CLI"

const testSession = "aaaaaaaa-0000-4000-8000-000000000001"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeVar); mode != "" {
		os.Exit(playFake(mode))
	}
	goleak.VerifyTestMain(m)
}

// fakeSpec starts this test binary as a CLI of the given mode.
func fakeSpec(t *testing.T, mode string, env ...string) Spec {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Spec{
		Command: []string{self}, Dir: t.TempDir(), SessionID: testSession,
		// A race-enabled child would sleep a second before it exits.
		Env:    append([]string{fakeVar + "=" + mode, "GORACE=atexit_sleep_ms=0"}, env...),
		Limits: Limits{Interrupt: 2 * time.Second, Close: 5 * time.Second, Term: 5 * time.Second, Drain: time.Second},
	}
}

// watch collects what a process says.
type watch struct {
	mu       sync.Mutex
	messages []Message
	gates    []GateCall
	asks     []AskCall
	withdrew []string
	exits    []Exit
	changed  chan struct{}
}

func newWatch() *watch { return &watch{changed: make(chan struct{}, 1)} }

func (w *watch) handler() Handler {
	return Handler{
		Message:  func(m Message) { w.note(func() { w.messages = append(w.messages, m) }) },
		Gate:     func(c GateCall) { w.note(func() { w.gates = append(w.gates, c) }) },
		Ask:      func(c AskCall) { w.note(func() { w.asks = append(w.asks, c) }) },
		Withdraw: func(id string) { w.note(func() { w.withdrew = append(w.withdrew, id) }) },
		Exit:     func(e Exit) { w.note(func() { w.exits = append(w.exits, e) }) },
	}
}

func (w *watch) note(f func()) {
	w.mu.Lock()
	f()
	w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// until waits for a condition on what was collected; false after 20 s.
func (w *watch) until(cond func() bool) bool {
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		ok := cond()
		w.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-w.changed:
		case <-deadline.C:
			return false
		}
	}
}

func (w *watch) mustUntil(t *testing.T, what string, cond func() bool) {
	t.Helper()
	if !w.until(cond) {
		t.Fatalf("waited in vain for %s", what)
	}
}

// report waits for a line {"type":"report",…} of a fake and decodes it.
func (w *watch) report(t *testing.T, into any) {
	t.Helper()
	var found Message
	w.mustUntil(t, "a report", func() bool {
		for _, m := range w.messages {
			if m.Header().Type == "report" {
				found = m
			}
		}
		return found != nil
	})
	if err := json.Unmarshal(found.Header().Raw, into); err != nil {
		t.Fatal(err)
	}
}

// startFake starts a fake and stops it at the end of the test.
func startFake(t *testing.T, s Spec) (*Process, *watch) {
	t.Helper()
	w := newWatch()
	p, err := Start(context.Background(), s, w.handler())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p.Stop(ctx)
	})
	return p, w
}

func awaitReady(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Ready():
	case <-p.Done():
		t.Fatalf("ended before it was ready: %s", p.Stderr())
	case <-time.After(20 * time.Second):
		t.Fatal("never ready")
	}
}

func awaitDone(t *testing.T, p *Process) Exit {
	t.Helper()
	select {
	case <-p.Done():
		return p.exit
	case <-time.After(30 * time.Second):
		t.Fatal("never done")
	}
	return Exit{}
}

// eventually polls a condition outside the process under test.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if cond() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func line(format string, args ...any) string { return fmt.Sprintf(format, args...) }
