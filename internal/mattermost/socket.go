package mattermost

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	readLimit = 16 << 20         // bytes of one message
	readIdle  = 55 * time.Second // longest silence; pings make the server speak every 30 s
)

// link is one connection. Everything but heartbeat.go runs in the goroutine
// that reads.
type link struct {
	*listener
	conn    *websocket.Conn
	resume  bool          // asked to carry on the stream
	greeted chan struct{} // closed at the first hello
	hellos  int
	frames  int
	proven  atomic.Bool // the server accepted the connection
	replies chan Reply
}

// serve reads until the connection ends, and returns why it did.
func (k *link) serve(ctx context.Context) error {
	inner, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	closed := make(chan struct{})
	context.AfterFunc(inner, func() {
		defer close(closed)
		if ctx.Err() != nil {
			k.sayGoodbye()
		}
		k.conn.Close()
	})
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		k.beat(inner, fail)
	}()
	err := k.read(ctx)
	fail(err) // keeps the heart's verdict, if that came first
	<-beating
	<-closed
	return context.Cause(inner)
}

func (k *link) sayGoodbye() {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = k.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
}

func (k *link) read(ctx context.Context) error {
	k.conn.SetReadLimit(readLimit)
	k.conn.SetPongHandler(func(string) error { return k.extend() })
	for {
		if err := k.extend(); err != nil {
			return k.ended(err)
		}
		kind, message, err := k.conn.ReadMessage()
		if err != nil {
			return k.ended(err)
		}
		if kind != websocket.TextMessage {
			continue
		}
		k.frames++
		if err := k.frame(ctx, message); err != nil {
			return err
		}
	}
}

func (k *link) extend() error { return k.conn.SetReadDeadline(time.Now().Add(readIdle)) }

// ended describes a connection that broke. One that never said anything is how
// the server refuses a token, and how it refuses to resume.
func (k *link) ended(err error) error {
	if k.frames > 0 {
		return k.clean(fmt.Errorf("connection lost: %w", err))
	}
	k.forget()
	return k.clean(fmt.Errorf("%w: %w", errSilent, err))
}

func (k *link) frame(ctx context.Context, message []byte) error {
	f, err := decode(message)
	switch {
	case err != nil:
		k.forget()
		return fmt.Errorf("%w: %w", errNotJSON, err)
	case f.Reply != nil:
		k.reply(ctx, *f.Reply)
		return nil
	}
	if hello, ok := f.Event.(Hello); ok {
		return k.hello(ctx, hello, f.Seq)
	}
	return k.event(ctx, f)
}

func (k *link) event(ctx context.Context, f frame) error {
	if f.Seq != k.next || !k.resume && k.hellos == 0 {
		k.forget()
		return sequenceError{want: k.next, got: f.Seq}
	}
	k.next++
	k.resumed(ctx)
	if other, ok := f.Event.(Other); ok && other.Err != nil {
		k.log.Warn("mattermost: an event could not be read", "seq", f.Seq, "err", k.clean(other.Err))
	}
	if k.recent.repeated(f) {
		k.log.Debug("mattermost: an event came twice", "seq", f.Seq)
		return nil
	}
	return k.emit(f.Event)
}

// resumed is called with every proof that the connection lives; the first one,
// without a hello before it, means that it carries on the old one.
func (k *link) resumed(ctx context.Context) {
	if !k.proven.Swap(true) {
		k.report(ctx, State{Kind: Resumed, ConnectionID: k.connID})
	}
}

// hello begins a new stream. A second one, or one after other events, is the
// server's answer to a resume that it could not satisfy: from then on it may
// deliver everything twice, and that connection must not be resumed. It is not
// dropped either, because the server can crash over its remains.
func (k *link) hello(ctx context.Context, h Hello, seq int64) error {
	spoiled := k.proven.Swap(true)
	changed := h.ConnectionID != k.connID
	if spoiled && seq != k.next {
		k.forget()
		return sequenceError{want: k.next, got: seq}
	}
	k.next = seq + 1
	k.connID = h.ConnectionID
	if k.hellos++; k.hellos == 1 {
		close(k.greeted)
	}
	switch {
	case spoiled:
		k.log.Warn("mattermost: a second hello on one connection; its events may come twice", "connection", h.ConnectionID)
		if changed {
			k.report(ctx, State{Kind: Gap, ConnectionID: h.ConnectionID, Since: k.gapSince()})
		}
	case k.ever:
		k.report(ctx, State{Kind: Gap, ConnectionID: h.ConnectionID, Since: k.gapSince()})
	default:
		k.report(ctx, State{Kind: Connected, ConnectionID: h.ConnectionID})
	}
	k.ever = true
	if spoiled {
		k.forget()
	}
	return k.emit(h)
}

// reply passes an answer on to the heart, and takes the server's clock from it.
func (k *link) reply(ctx context.Context, r Reply) {
	if r.OK {
		k.since = max(k.since, r.ServerTime)
		if k.resume && k.hellos == 0 {
			k.resumed(ctx)
		}
	}
	select {
	case k.replies <- r:
	default: // the heart waits for one answer at a time
	}
}
