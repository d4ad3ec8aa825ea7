package claude

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// chunks gives its data in pieces of the given sizes.
type chunks struct {
	data  []byte
	sizes []int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := len(c.data)
	if len(c.sizes) > 0 {
		n, c.sizes = min(n, c.sizes[0]), c.sizes[1:]
	}
	n = copy(p, c.data[:n])
	c.data = c.data[n:]
	return n, nil
}

// TestLinesSurviveAnySplit is STR-16 for all splits.
func TestLinesSurviveAnySplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.StringOf(rapid.RuneFrom([]rune("aä🙂\"{}\\\u2028")))).Draw(t, "lines")
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "eol")
		var all bytes.Buffer
		for _, l := range want {
			all.WriteString(l + eol)
		}
		r := newLineReader(&chunks{all.Bytes(), rapid.SliceOf(rapid.IntRange(1, 9)).Draw(t, "sizes")}, 1<<20)
		for i, l := range want {
			got, err := r.next()
			if err != nil || string(got) != l {
				t.Fatalf("line %d: %q, %v; want %q", i, got, err, l)
			}
		}
		if got, err := r.next(); !errors.Is(err, io.EOF) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestLineLimit(t *testing.T) {
	for _, c := range []struct {
		length, limit int
		ok            bool
	}{{100, 100, true}, {101, 100, false}, {1 << 20, 1 << 20, true}, {1<<20 + 1, 1 << 20, false}} {
		r := newLineReader(iotest.HalfReader(strings.NewReader(strings.Repeat("x", c.length)+"\nrest\n")), c.limit)
		got, err := r.next()
		if c.ok != (err == nil && len(got) == c.length) || !c.ok && !errors.Is(err, ErrLineTooLong) {
			t.Errorf("%d of %d: %d bytes, %v", c.length, c.limit, len(got), err)
		}
	}
}

// slowPipe blocks in Write until it is closed.
type slowPipe struct{ closed chan struct{} }

func (p *slowPipe) Write([]byte) (int, error) { <-p.closed; return 0, io.ErrClosedPipe }
func (p *slowPipe) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func TestWriterHoldsMessagesBack(t *testing.T) {
	out := new(capture)
	w := newWriter(out, Limits{}.withDefaults())
	for _, step := range []error{w.hold([]byte("m1\n")), w.send([]byte("c1\n")), w.hold([]byte("m2\n")), w.send([]byte("c2\n"))} {
		if step != nil {
			t.Fatal(step)
		}
	}
	w.release()
	w.hold([]byte("m3\n"))
	w.close()
	w.run()
	if got := out.String(); got != "c1\nc2\nm1\nm2\nm3\n" {
		t.Errorf("%q", got)
	}
	if w.count != 0 || w.size != 0 {
		t.Errorf("%d lines, %d bytes are still counted", w.count, w.size)
	}

	out = new(capture)
	w = newWriter(out, Limits{}.withDefaults())
	w.hold([]byte("never\n"))
	w.close()
	w.run()
	if err := w.send([]byte("x\n")); out.Len() != 0 || !errors.Is(err, ErrClosed) {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestWriterIsBounded: RACE-07. Messages cannot fill the room that denials need.
func TestWriterIsBounded(t *testing.T) {
	out := &slowPipe{make(chan struct{})}
	w := newWriter(out, Limits{QueueLines: 8, QueueBytes: 100})
	w.release()
	ended := make(chan struct{})
	go func() { w.run(); close(ended) }()
	held, sent := 1, 0
	if err := w.hold([]byte("m\n")); err != nil {
		t.Fatal(err)
	}
	for taken := false; !taken; runtime.Gosched() { // the first line is in the blocked Write
		w.mu.Lock()
		taken = w.count == 0
		w.mu.Unlock()
	}
	for w.hold([]byte("m\n")) == nil {
		held++
	}
	for w.send([]byte("c\n")) == nil {
		sent++
	}
	if held != 7 || sent != 2 {
		t.Errorf("%d held, %d sent", held, sent)
	}
	if err := w.send([]byte("c\n")); !errors.Is(err, ErrQueueFull) {
		t.Error(err)
	}
	w.abort()
	<-ended
	if err := w.send(make([]byte, 10)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	w = newWriter(out, Limits{QueueLines: 8, QueueBytes: 100})
	if err := w.send(make([]byte, 101)); !errors.Is(err, ErrQueueFull) {
		t.Error(err)
	}
}

// TestDyingThreads: the parent-death signal follows the thread that forked.
// Threads that the Go runtime ends must not take a CLI along (RACE-08).
func TestDyingThreads(t *testing.T) {
	p, _ := startFake(t, fakeSpec(t, "parrot"))
	awaitReady(t, p)
	ended := make(chan struct{})
	const threads = 50
	for range threads {
		go func() {
			defer func() { ended <- struct{}{} }()
			runtime.LockOSThread() // and never unlocked: the thread ends
		}()
	}
	for range threads {
		<-ended
	}
	if err := p.Interrupt(context.Background(), false); err != nil {
		t.Errorf("the CLI is gone: %v", err)
	}
}
