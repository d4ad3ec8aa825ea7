package rehearsal_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/rehearsal"
)

const subcommand = "rehearsal-agent"

// TestMain lets this test binary be the agent, as ctpipe's own binary is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == subcommand {
		os.Exit(rehearsal.Main(os.Stdin, os.Stdout, os.Stderr, os.Args[2:], os.Environ()))
	}
	os.Exit(m.Run())
}

// session is an agent started as ctpipe starts it: by the one spawn builder.
type session struct {
	*claude.Process
	messages chan claude.Message
	gates    chan claude.GateCall
	asks     chan claude.AskCall
}

func startSession(t *testing.T, dir string) session {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := session{messages: make(chan claude.Message, 4096), gates: make(chan claude.GateCall, 16), asks: make(chan claude.AskCall, 16)}
	s.Process, err = claude.Start(t.Context(), claude.Spec{Command: []string{self, subcommand, "--rehearsal-delay=0s"}, Dir: dir,
		SessionID: uuid.NewString(), Env: []string{"GORACE=atexit_sleep_ms=0"}}, claude.Handler{
		Message: func(m claude.Message) { s.messages <- m },
		Gate:    func(c claude.GateCall) { s.gates <- c },
		Ask:     func(c claude.AskCall) { s.asks <- c },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

// result reads to the end of the turn and checks that every line is known.
func (s session) result(t *testing.T) *claude.Result {
	t.Helper()
	for {
		switch m := next(t, s.messages).(type) {
		case *claude.Result:
			return m
		case *claude.Unknown:
			t.Errorf("a line that ctpipe cannot decode: %s", m.Raw)
		}
	}
}

func next[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("the agent is silent")
		panic("unreachable")
	}
}

func TestSessionThroughTheRealProcess(t *testing.T) {
	dir := t.TempDir()
	s := startSession(t, dir)
	say := func(text string) {
		if err := s.Send(claude.UserMessage{UUID: uuid.NewString(), Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	say("run: touch yes")
	c := next(t, s.gates)
	if err := s.AnswerGate(c.RequestID, claude.GateAnswer{Decision: claude.Ask, Reason: "people"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AnswerAsk(next(t, s.asks).RequestID, claude.AskAnswer{Allow: true}); err != nil {
		t.Fatal(err)
	}
	if res := s.result(t); !strings.Contains(res.Result, "Done") {
		t.Errorf("result %q", res.Result)
	}
	if _, err := os.Stat(filepath.Join(dir, "yes")); err != nil {
		t.Error("an allowed command did not run")
	}
	say("force push")
	c = next(t, s.gates)
	if err := s.AnswerGate(c.RequestID, claude.GateAnswer{Decision: claude.Deny, Reason: "open a pull request"}); err != nil {
		t.Fatal(err)
	}
	if res := s.result(t); !strings.Contains(res.Result, "open a pull request") || len(res.PermissionDenials) != 1 {
		t.Errorf("result %q, denials %v", res.Result, res.PermissionDenials)
	}
	say("ask me a question")
	c = next(t, s.gates)
	if err := s.AnswerGate(c.RequestID, claude.GateAnswer{Decision: claude.Allow}); err != nil {
		t.Fatal(err)
	}
	a := next(t, s.asks)
	q := a.Fields["questions"].([]any)[0].(map[string]any)["question"].(string)
	a.Fields["answers"] = map[string]string{q: "Rules"}
	in, err := json.Marshal(a.Fields)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AnswerAsk(a.RequestID, claude.AskAnswer{Allow: true, UpdatedInput: in}); err != nil {
		t.Fatal(err)
	}
	if res := s.result(t); !strings.Contains(res.Result, "**Rules**") {
		t.Errorf("result %q", res.Result)
	}
	if exit := s.Stop(t.Context()); exit.Code != 0 || exit.Stage > claude.StageClose {
		t.Errorf("exit %+v", exit)
	}
}

func TestStopEndsARunningCommand(t *testing.T) {
	dir := t.TempDir()
	s := startSession(t, dir)
	if err := s.Send(claude.UserMessage{Text: "run: echo on > started; exec tail -f started"}); err != nil {
		t.Fatal(err)
	}
	c := next(t, s.gates)
	if err := s.AnswerGate(c.RequestID, claude.GateAnswer{Decision: claude.Allow}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the command did not start")
		}
	}
	if exit := s.Stop(t.Context()); exit.Stage > claude.StageClose || exit.Killed > 0 {
		t.Errorf("exit %+v", exit)
	}
}

func TestTerminationLeavesAtOnce(t *testing.T) {
	s := startSession(t, t.TempDir())
	select {
	case <-s.Ready():
	case <-time.After(20 * time.Second):
		t.Fatal("not ready")
	}
	if err := syscall.Kill(s.PID(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	next(t, s.Done())
	if exit := s.Stop(t.Context()); exit.Code != 143 {
		t.Errorf("exit %+v, want code 143", exit)
	}
}
