package claude

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"

	"ctpipe/internal/memory"

	"github.com/google/uuid"
)

// Handler gets everything a process says. Its functions are called from one
// goroutine, in the order of the lines, and must not block: it is the goroutine
// that reads the CLI. They must not call Stop, Interrupt or Control, which wait
// for that goroutine; answers and Send are fine. A nil function ignores (Gate
// and Ask: denies). A process calls only the Handler it was started with, so
// late output of a replaced process cannot reach the new one's.
type Handler struct {
	Message  func(Message)          // every line that is not a control frame, Unknown too
	Gate     func(GateCall)         // a call at PreToolUse; answer with AnswerGate
	Ask      func(AskCall)          // a call at can_use_tool; answer with AnswerAsk
	Withdraw func(requestID string) // a call that no longer waits for an answer
	Exit     func(Exit)             // once, the last call: output drained, process reaped, children gone
}

// Process is one running CLI. All methods are safe for concurrent use.
type Process struct {
	spec   Spec
	limits Limits
	h      Handler
	log    *slog.Logger
	mark   string

	cmd    *exec.Cmd
	born   uint64 // when the CLI started, see procKey
	stdout *os.File
	errout *os.File
	in     *writer
	stderr ring
	calls  *calls
	asked  requests

	ready   chan struct{}
	init    initialized   // valid once ready is closed
	reaped  chan struct{} // the CLI is gone, and what it left behind killed
	errDone chan struct{} // stderr is read to its end
	done    chan struct{}
	exit    Exit // valid once done is closed

	mu     sync.Mutex
	alive  bool             // the CLI is not reaped yet: its pid and group are ours
	family map[procKey]bool // descendants seen so far
	reason error            // the first fault that made us stop the process
	stage  Stage            // how far Stop had to go
	killed int              // descendants killed after the CLI's end

	hurry     chan struct{} // closed: no more patience, SIGKILL
	hurryOnce sync.Once
	stopOnce  sync.Once

	// Of the reader goroutine only.
	session string                         // the newest session's id
	cwds    *memory.Recent[string, string] // where the newest gate calls would run, by tool use: can_use_tool does not say it
}

// Start spawns the CLI and queues the initialize request that registers the
// gate. It does not wait for the reply: see Ready. Messages sent before the
// reply are held back until it came, so that nothing reaches a CLI without a
// gate. ctx bounds the start only; to end the process use Stop.
//
// Errors are *StartError where the CLI or its directory is at fault.
func Start(ctx context.Context, s Spec, h Handler) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("starting claude: %w", err)
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("starting claude: %w", err)
	}
	p := newProcess(s, h)
	if err := p.spawn(); err != nil {
		return nil, err
	}
	go p.in.run()
	go func() {
		defer close(p.errDone)
		p.stderr.fill(p.errout)
	}()
	go p.read()
	if err := p.initialize(); err != nil {
		p.fail(err)
	}
	p.log.Info("claude started", "pid", p.cmd.Process.Pid, "resume", s.Resume, "dir", s.Dir)
	return p, nil
}

func newProcess(s Spec, h Handler) *Process {
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	limits := s.Limits.withDefaults()
	return &Process{
		spec: s, limits: limits, h: h, log: log.With("session", s.SessionID),
		mark: uuid.NewString(), calls: newCalls(), cwds: memory.NewRecent[string, string](maxCwds),
		stderr: ring{size: limits.Stderr}, session: s.SessionID,
		ready: make(chan struct{}), reaped: make(chan struct{}), errDone: make(chan struct{}), done: make(chan struct{}),
		hurry: make(chan struct{}), family: make(map[procKey]bool),
	}
}

// Ready is closed when the CLI confirmed initialize: the gate stands. It is
// never closed if the process ends before; watch Done too.
func (p *Process) Ready() <-chan struct{} { return p.ready }

// initialized gives the CLI's reply to initialize, once Ready is closed.
func (p *Process) initialized() (initialized, bool) {
	select {
	case <-p.ready:
		return p.init, true
	default:
		return initialized{}, false
	}
}

// Done is closed after Handler.Exit returned.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stderr gives the newest part of what the CLI wrote to stderr. It is the only
// place where the CLI says why it exited on its own.
func (p *Process) Stderr() string { return p.stderr.String() }

// PID is the process id of the CLI, which is also its process group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Send queues a message for Claude. It never blocks: ErrQueueFull means that
// the CLI does not read, ErrClosed that it is stopping or gone. A nil error is
// no proof of delivery; give a UUID and watch CommandLifecycle.
func (p *Process) Send(m UserMessage) error {
	line, err := m.encode()
	if err != nil {
		return err
	}
	if err := p.in.hold(line); err != nil {
		return fmt.Errorf("sending a message to claude: %w", err)
	}
	return nil
}

// Interrupt ends the running turn; the process stays usable. The CLI's
// background commands are killed, also when it is idle. Messages that wait in
// the CLI's queue start at once unless cancelQueued.
func (p *Process) Interrupt(ctx context.Context, cancelQueued bool) error {
	fields := map[string]any{}
	if cancelQueued {
		fields["cancel_queued"] = true
	}
	_, err := p.Control(ctx, "interrupt", fields)
	return err
}

// Control sends any control request and waits for its reply. An error reply is
// a *ControlError. Control requests are served while a turn runs.
func (p *Process) Control(ctx context.Context, subtype string, fields map[string]any) (json.RawMessage, error) {
	reply := make(chan controlReply, 1)
	id := p.asked.open(func(r controlReply) { reply <- r })
	defer func() { p.asked.take(id) }()
	line, err := encodeRequest(id, subtype, fields)
	if err != nil {
		return nil, err
	}
	if err := p.in.send(line); err != nil {
		return nil, fmt.Errorf("control request %s: %w", subtype, err)
	}
	select {
	case r := <-reply:
		if r.Subtype != "success" {
			return nil, &ControlError{Request: subtype, Code: r.ErrorCode, Text: r.Error}
		}
		return r.Response, nil
	case <-p.reaped:
		return nil, fmt.Errorf("control request %s: %w", subtype, ErrClosed)
	case <-ctx.Done():
		return nil, fmt.Errorf("control request %s: %w", subtype, context.Cause(ctx))
	}
}

// fail stops the process because of err, which becomes Exit.Err.
func (p *Process) fail(err error) {
	p.mu.Lock()
	if p.reason == nil {
		p.reason = err
	}
	p.mu.Unlock()
	p.log.Error("claude is stopped", "err", err)
	p.beginStop()
}

// drainDeadline makes reads of a finished process end.
func (p *Process) drainDeadline() {
	at := time.Now().Add(p.limits.Drain)
	p.stdout.SetReadDeadline(at)
	p.errout.SetReadDeadline(at)
}
