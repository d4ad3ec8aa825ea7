package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

const (
	connA = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	connB = "bbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// chat is a scripted Mattermost: the nth websocket connection follows the nth
// script, later ones the last.
type chat struct {
	t       *testing.T
	scripts []func(*peer)
	me      http.HandlerFunc // answers /users/me

	mu    sync.Mutex
	asked []url.Values // query of each upgrade
	at    []time.Time
	busy  sync.WaitGroup
}

func (s *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v4/users/me" {
		s.me(w, r)
		return
	}
	if r.URL.Path != "/api/v4/websocket" || r.Header.Get("Authorization") != "Bearer "+testToken || r.Header.Get("Origin") != "" {
		s.t.Errorf("unexpected request %s %v", r.URL, r.Header)
	}
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, r.URL.Query())
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	s.busy.Add(1)
	defer s.busy.Done()
	script := s.scripts[min(n, len(s.scripts)-1)]
	p := &peer{w: w, r: r, gone: make(chan struct{}), turn: make(chan struct{}, 1), closeCode: -1}
	script(p)
	if p.conn != nil {
		p.conn.Close()
		<-p.gone
	}
}

func (s *chat) upgrades() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// peer is the server's side of one connection.
type peer struct {
	w         http.ResponseWriter
	r         *http.Request
	conn      *websocket.Conn
	gone      chan struct{} // closed when the client is
	turn      chan struct{} // of size one: who may write and count; see lock
	closeCode int
	pings     int
	answer    func(seq int64) any // to a ping; nil: a proper pong
}

func (p *peer) accept() *peer {
	var err error
	if p.conn, err = (&websocket.Upgrader{}).Upgrade(p.w, p.r, nil); err != nil {
		panic(err)
	}
	return p
}

// read answers pings until the client is gone.
func (p *peer) read() *peer {
	go func() {
		defer close(p.gone)
		for {
			var m struct {
				Seq    int64  `json:"seq"`
				Action string `json:"action"`
			}
			if err := p.conn.ReadJSON(&m); err != nil {
				if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
					p.closeCode = closed.Code
				}
				return
			}
			p.lock()
			p.pings++
			p.unlock()
			var reply any = map[string]any{"status": "OK", "seq_reply": m.Seq,
				"data": map[string]any{"text": "pong", "server_time": time.Now().UnixMilli()}}
			if p.answer != nil {
				reply = p.answer(m.Seq)
			}
			if reply != nil {
				p.send(reply)
			}
		}
	}()
	return p
}

func (p *peer) open() *peer { return p.accept().read() }

// lock is a channel and no mutex because it is held while a pipe is written
// to, which may take until the bubble's clock has moved: the clock moves only
// when everybody waits on channels, timers and the like, and somebody waiting
// for a mutex would stop it for good.
func (p *peer) lock()   { p.turn <- struct{}{} }
func (p *peer) unlock() { <-p.turn }

func (p *peer) send(v any) {
	p.lock()
	defer p.unlock()
	if raw, ok := v.(json.RawMessage); ok {
		p.conn.WriteMessage(websocket.TextMessage, raw)
		return
	}
	p.conn.WriteJSON(v)
}

func (p *peer) hello(id string, seq int) *peer {
	p.send(map[string]any{"event": "hello", "data": map[string]any{"connection_id": id}, "seq": seq})
	return p
}

func (p *peer) posted(seq int, id string) *peer {
	post := fmt.Sprintf(`{"id":%q,"user_id":"u","channel_id":"c","message":"m"}`, id)
	p.send(map[string]any{"event": "posted", "data": map[string]any{"post": post}, "seq": seq})
	return p
}

func (p *peer) wait() { <-p.gone }

// heard is what a listener was told: events by post id or type, states by name.
type heard struct {
	t      *testing.T
	notes  chan string
	states chan State
	result chan error
	cancel context.CancelFunc
}

func listen(t *testing.T, c *Client) *heard {
	ctx, cancel := context.WithCancel(t.Context())
	h := &heard{t: t, notes: make(chan string, 10000), states: make(chan State, 10000), result: make(chan error, 1), cancel: cancel}
	handler := Handler{
		Event: func(e Event) {
			switch e := e.(type) {
			case Posted:
				h.notes <- e.Post.ID
			case Hello, Other:
			default:
				h.notes <- fmt.Sprintf("%T", e)
			}
		},
		State: func(s State) {
			noToken(t, s.Err)
			h.states <- s
			h.notes <- s.Kind.String()
		},
	}
	go func() { h.result <- c.Listen(ctx, handler) }()
	t.Cleanup(func() {
		cancel()
		synctest.Wait()
	})
	return h
}

// expect waits, for up to two hours of the bubble's clock, for exactly these.
func (h *heard) expect(want ...string) {
	h.t.Helper()
	for i, w := range want {
		select {
		case got := <-h.notes:
			if got != w {
				h.t.Fatalf("note %d of %v: got %q", i, want, got)
			}
		case <-time.After(2 * time.Hour):
			h.t.Fatalf("note %d of %v never came", i, want)
		}
	}
	synctest.Wait() // what the scripts wrote may be read now
}

// nothing expects silence for a while.
func (h *heard) nothing(d time.Duration) {
	h.t.Helper()
	select {
	case got := <-h.notes:
		h.t.Fatalf("got %q, want nothing for %s", got, d)
	case <-time.After(d):
		synctest.Wait()
	}
}

func (h *heard) state() State {
	h.t.Helper()
	select {
	case s := <-h.states:
		synctest.Wait()
		return s
	case <-time.After(2 * time.Hour):
		h.t.Fatal("no state came")
		return State{}
	}
}

// bubble runs a script of connections against a listener on a virtual clock.
func bubble(t *testing.T, body func(*testing.T, *chat, *heard, *pipeNet), scripts ...func(*peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &chat{t: t, scripts: scripts, me: recorded(t, "rest-users-me-bot")}
		c, n, _ := serve(t, s)
		body(t, s, listen(t, c), n)
	})
}

// steady is a connection on which all is well.
func steady(id string) func(*peer) {
	return func(p *peer) { p.open().hello(id, 0).wait() }
}
