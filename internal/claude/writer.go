package claude

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Why a line was not taken. It was not written and will not be.
var (
	ErrQueueFull = errors.New("the CLI does not read its input")
	ErrClosed    = errors.New("the CLI takes no more input")
)

// writer is the one goroutine that writes to stdin, a whole line at a time.
// Callers only add to a bounded queue: a CLI that does not read blocks nobody.
//
// Lines come in two kinds. Held lines (what people say) wait until release:
// nothing may reach the model before the CLI confirmed the gate. The others
// (control frames) go at once, and may use a reserve of the queue that held
// lines cannot fill, so that a denial always finds room before a message does.
type writer struct {
	mu                 sync.Mutex
	wake               chan struct{} // one token: something changed
	lines, held        [][]byte
	count, size        int // of lines and held together
	maxLines, maxBytes int
	released, closing  bool
	err                error // why nothing is written any more
	out                io.WriteCloser
	done               chan struct{} // run has ended and out is closed
}

func newWriter(out io.WriteCloser, l Limits) *writer {
	return &writer{out: out, maxLines: l.QueueLines, maxBytes: l.QueueBytes,
		wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// send queues a control frame.
func (w *writer) send(line []byte) error { return w.add(line, false) }

// hold queues a line that must not go before release.
func (w *writer) hold(line []byte) error { return w.add(line, true) }

func (w *writer) add(line []byte, hold bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.refusal(); err != nil {
		return err
	}
	lines, bytes := w.maxLines, w.maxBytes
	if hold {
		lines, bytes = lines-lines/4, bytes-bytes/4
	}
	if w.count+1 > lines || w.size+len(line) > bytes {
		return fmt.Errorf("%w: %d lines with %d bytes are waiting", ErrQueueFull, w.count, w.size)
	}
	w.count, w.size = w.count+1, w.size+len(line)
	if hold && !w.released {
		w.held = append(w.held, line)
		return nil
	}
	w.lines = append(w.lines, line)
	w.signal()
	return nil
}

// refusal says why no line is taken, with mu held.
func (w *writer) refusal() error {
	switch {
	case w.err != nil:
		return fmt.Errorf("%w: %w", ErrClosed, w.err)
	case w.closing:
		return ErrClosed
	}
	return nil
}

// release lets held lines go.
func (w *writer) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.released = true
	w.lines = append(w.lines, w.held...)
	w.held = nil
	w.signal()
}

// close ends the stream after what is queued; held lines are dropped.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closing = true
	w.signal()
}

// abort ends the stream at once, also under a write that is blocked.
func (w *writer) abort() {
	w.mu.Lock()
	w.closing = true
	w.lines = nil
	w.signal()
	w.mu.Unlock()
	w.out.Close() // unblocks Write: pipes are pollable
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run writes until the stream is closed or breaks (EPIPE).
func (w *writer) run() {
	defer close(w.done)
	defer w.out.Close()
	for {
		line, more := w.next()
		if !more {
			return
		}
		if line == nil {
			<-w.wake
			continue
		}
		if _, err := w.out.Write(line); err != nil {
			w.fail(err)
			return
		}
	}
}

// next takes the oldest line; nil means wait, false means end.
func (w *writer) next() ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == 0 {
		return nil, !w.closing
	}
	line := w.lines[0]
	w.lines[0] = nil
	w.lines = w.lines[1:]
	w.count, w.size = w.count-1, w.size-len(line)
	return line, true
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err, w.lines, w.held = err, nil, nil
}
