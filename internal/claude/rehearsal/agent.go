package rehearsal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// agent is one running process. One goroutine reads stdin and answers control
// requests; the one that called run plays the turns.
type agent struct {
	opt options
	dir string
	env []string
	out *wire

	mu      sync.Mutex
	mode    string
	model   string
	gate    string // callback id of the host's PreToolUse hook, "" = none
	pending map[string]chan answer
	queue   []prompt
	seen    map[string]bool // uuids of user messages
	stop    context.CancelFunc
	turns   int
	eof     bool
	failed  bool // the last result was an error
	wake    chan struct{}
}

// prompt is one user message.
type prompt struct {
	uuid, text string
	query      bool
}

func newAgent(opt options, dir string, env []string, stdout io.Writer) *agent {
	return &agent{opt: opt, dir: dir, env: env, out: &wire{w: stdout, session: opt.session},
		mode: opt.mode, model: opt.model, pending: map[string]chan answer{}, seen: map[string]bool{},
		wake: make(chan struct{}, 1)}
}

// run plays turns until stdin has ended and the queue is empty.
func (a *agent) run(ctx context.Context, stdin io.Reader, stderr io.Writer) int {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if err := a.read(stdin); err != nil {
			cancel(err)
		}
	}()
	for {
		batch, more := a.next(ctx)
		if err := context.Cause(ctx); err != nil {
			if bad := (badLine{}); errors.As(err, &bad) {
				fmt.Fprintln(stderr, "Error:", err)
				return exitError
			}
			return exitTerminated
		}
		if !more {
			break
		}
		a.turn(ctx, batch)
	}
	if a.failed {
		return exitError
	}
	return exitOK
}

// next waits for user messages and takes all there are: like the CLI, messages
// sent during a turn become one following turn.
func (a *agent) next(ctx context.Context) (batch []prompt, more bool) {
	for {
		a.mu.Lock()
		batch, a.queue = a.queue, nil
		eof := a.eof
		a.mu.Unlock()
		if len(batch) > 0 {
			return batch, true
		}
		if eof {
			return nil, false
		}
		select {
		case <-a.wake:
		case <-ctx.Done():
			return nil, false
		}
	}
}

// badLine is an unreadable stdin line. The CLI exits on one, and so do we.
type badLine struct{ err error }

func (b badLine) Error() string { return "reading stdin: " + b.err.Error() }
func (b badLine) Unwrap() error { return b.err }

// read serves stdin until its end. An error is a line the CLI would die of.
func (a *agent) read(stdin io.Reader) error {
	defer a.close()
	r := bufio.NewReader(stdin)
	for {
		line, err := r.ReadBytes('\n')
		if e := a.line(line); e != nil {
			return badLine{e}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badLine{err}
		}
	}
}

// close marks the end of stdin: open asks are denied, the turn goes on.
func (a *agent) close() {
	a.mu.Lock()
	a.eof = true
	for id, ch := range a.pending {
		close(ch)
		delete(a.pending, id)
	}
	a.mu.Unlock()
	a.nudge()
}

func (a *agent) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// line serves one stdin line; unknown types are ignored.
func (a *agent) line(b []byte) error {
	var m inbound
	if len(trim(b)) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	switch m.Type {
	case "user":
		return a.take(m)
	case "control_request":
		a.control(m)
	case "control_response":
		a.deliver(m.Response)
	}
	return nil
}

// take queues a user message. One with a uuid that was seen before is dropped.
func (a *agent) take(m inbound) error {
	text, err := m.text()
	if err != nil {
		return err
	}
	a.mu.Lock()
	known := m.UUID != "" && a.seen[m.UUID]
	a.seen[m.UUID] = true
	a.mu.Unlock()
	if known {
		return nil
	}
	a.lifecycle(m.UUID, "queued") // before the turn can start, so that the order holds
	a.mu.Lock()
	a.queue = append(a.queue, prompt{uuid: m.UUID, text: text, query: m.ShouldQuery == nil || *m.ShouldQuery})
	a.mu.Unlock()
	a.nudge()
	return nil
}
