package claude_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/claudetest"
)

// patience bounds every wait for the real CLI on a loaded machine.
const patience = 30 * time.Second

// real is a real CLI against a scripted API, with this test as its host.
type real struct {
	t         *testing.T
	dir       string
	api       *claudetest.Server
	process   *claude.Process
	messages  []claude.Message // read by turn and until; the test's goroutine only
	incoming  chan claude.Message
	gates     chan claude.GateCall
	asks      chan claude.AskCall
	withdrawn chan string
}

// startReal starts the pinned CLI and waits until the gate stands.
func startReal(t *testing.T, s claudetest.Scenario) *real {
	t.Helper()
	t.Parallel()
	cli := claudetest.CLI(t)
	r := &real{t: t, dir: t.TempDir(), api: claudetest.NewServer(t, s), incoming: make(chan claude.Message, 4096),
		gates: make(chan claude.GateCall, 64), asks: make(chan claude.AskCall, 64), withdrawn: make(chan string, 64)}
	p, err := claude.Start(t.Context(), claude.Spec{Command: []string{cli}, Dir: r.dir, SessionID: uuid.NewString(),
		Env: claudetest.Env(t, r.api)}, claude.Handler{
		Message:  func(m claude.Message) { r.incoming <- m },
		Gate:     func(c claude.GateCall) { r.gates <- c },
		Ask:      func(c claude.AskCall) { r.asks <- c },
		Withdraw: func(id string) { r.withdrawn <- id },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.process = p
	t.Cleanup(func() { r.stop() })
	select {
	case <-p.Ready():
	case <-p.Done():
		t.Fatalf("the CLI ended: %s", p.Stderr())
	case <-time.After(patience):
		t.Fatal("the CLI is not ready")
	}
	return r
}

func (r *real) stop() claude.Exit {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.process.Stop(ctx)
}

// say sends a message and returns its uuid.
func (r *real) say(text string) string {
	r.t.Helper()
	id := uuid.NewString()
	if err := r.process.Send(claude.UserMessage{UUID: id, Text: text}); err != nil {
		r.t.Fatal(err)
	}
	return id
}

// until reads messages up to one that satisfies cond.
func (r *real) until(what string, cond func(claude.Message) bool) claude.Message {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case m := <-r.incoming:
			r.messages = append(r.messages, m)
			if cond(m) {
				return m
			}
		case <-r.process.Done():
			r.t.Fatalf("the CLI ended before %s: %s", what, r.process.Stderr())
		case <-deadline:
			r.t.Fatalf("no %s", what)
		}
	}
}

// result waits for the end of the turn.
func (r *real) result() *claude.Result {
	r.t.Helper()
	return r.until("result", func(m claude.Message) bool { _, ok := m.(*claude.Result); return ok }).(*claude.Result)
}

// gate answers the next call at PreToolUse and returns it.
func (r *real) gate(d claude.Decision, reason string) claude.GateCall {
	r.t.Helper()
	c := receive(r.t, "call at PreToolUse", r.gates)
	if err := r.process.AnswerGate(c.RequestID, claude.GateAnswer{Decision: d, Reason: reason}); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// ask waits for the next call at can_use_tool.
func (r *real) ask() claude.AskCall {
	r.t.Helper()
	return receive(r.t, "call at can_use_tool", r.asks)
}

func (r *real) answer(c claude.AskCall, a claude.AskAnswer) {
	r.t.Helper()
	if err := r.process.AnswerAsk(c.RequestID, a); err != nil {
		r.t.Fatal(err)
	}
}

func (r *real) exists(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, name))
	return err == nil
}

// told reports whether the last request to the model holds text.
func (r *real) told(text string) bool {
	calls := r.api.Calls("main")
	return len(calls) > 0 && calls[len(calls)-1].Contains(text)
}

func receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func command(t *testing.T, input json.RawMessage) string {
	t.Helper()
	var in struct{ Command string }
	if err := json.Unmarshal(input, &in); err != nil {
		t.Fatal(err)
	}
	return in.Command
}
