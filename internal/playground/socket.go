package playground

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	queueLength  = 256 // events that may wait for one client
	lossyAbove   = 128 // from here on typing and status events are left out
	maxSockets   = 64
	maxClientMsg = 8192
	pingEvery    = 60 * time.Second
	pongWait     = 100 * time.Second
	writeWait    = 30 * time.Second
)

// conn is one websocket. Its queue, sequence and owner belong to the server's
// lock; one goroutine reads the socket and one writes it.
type conn struct {
	s     *Server
	ws    *websocket.Conn
	id    string
	token string
	owner *account // nil until the client has said who it is
	queue chan frame
	seq   int64
	shut  bool // queue is closed
	gone  chan struct{}
	once  sync.Once
}

type frame struct {
	data  []byte
	wrote chan struct{}
}

// send queues one event; a client that lets 256 wait is dropped, after what
// waits has been written. The caller holds the lock.
func (c *conn) send(head []byte, lossy bool, wrote chan struct{}) {
	if c.shut || lossy && len(c.queue) >= lossyAbove {
		if wrote != nil {
			close(wrote)
		}
		return
	}
	data := append(append(make([]byte, 0, len(head)+28), head...), `,"seq":`...)
	data = append(strconv.AppendInt(data, c.seq, 10), '}')
	if c.enqueue(frame{data, wrote}) {
		c.seq++
	}
}

// enqueue reports whether there was room; without, the connection is forgotten.
func (c *conn) enqueue(f frame) bool {
	if c.shut {
		return false
	}
	select {
	case c.queue <- f:
		return true
	default:
		c.s.cfg.Log.Warn("playground drops a websocket that does not read", "connection", c.id)
		if f.wrote != nil {
			close(f.wrote)
		}
		c.s.forget(c)
		return false
	}
}

// forget takes a connection out; its writer ends after what is queued. The
// caller holds the lock.
func (s *Server) forget(c *conn) {
	if c.shut {
		return
	}
	c.shut = true
	close(c.queue)
	delete(s.conns, c)
}

// hangUp closes the TCP connection with no close frame: the client sees 1006.
func (c *conn) hangUp() {
	c.once.Do(func() {
		close(c.gone)
		_ = c.ws.Close()
	})
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	full := len(s.conns) >= maxSockets || s.closed
	s.mu.Unlock()
	if full {
		http.Error(w, "too many websockets", http.StatusServiceUnavailable)
		return
	}
	up := websocket.Upgrader{CheckOrigin: sameOrigin}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{s: s, ws: ws, id: newID(), queue: make(chan frame, queueLength), gone: make(chan struct{})}
	q := r.URL.Query()
	if id := q.Get("connection_id"); id != "" && (!isID(id) || !q.Has("sequence_number")) {
		_ = ws.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = ws.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.sockets.Add(2)
	// A bad token is not refused here: the real server upgrades, stays silent
	// and hangs up after five seconds.
	if token := bearer(r); token != "" {
		s.welcome(c, token)
	}
	go c.write()
	go c.read()
}

// welcome makes a connection an account's; false if the token is nobody's. The
// caller holds the lock.
func (s *Server) welcome(c *conn, token string, replies ...[]byte) bool {
	a := s.accountByToken(token)
	if a == nil || c.shut {
		return false
	}
	first := true
	for other := range s.conns {
		first = first && other.owner != a
	}
	c.owner, c.token = a, token
	if s.frozen {
		return true
	}
	hello := event{name: "hello", data: map[string]any{"connection_id": c.id, "server_version": serverVersion}, user: a.id}
	c.send(hello.encode(), false, nil)
	for _, b := range replies {
		c.enqueue(frame{data: b})
	}
	if first {
		s.publish(statusEvent(a.id, "online"), "")
	}
	return true
}

func (c *conn) write() {
	defer c.s.sockets.Done()
	defer c.hangUp()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	silent := time.NewTimer(c.s.authWait)
	defer silent.Stop()
	for {
		select {
		case f, ok := <-c.queue:
			if !ok {
				_ = c.ws.WriteControl(websocket.CloseMessage, nil, time.Now().Add(time.Second))
				return
			}
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
			err := c.ws.WriteMessage(websocket.TextMessage, f.data)
			if f.wrote != nil {
				close(f.wrote)
			}
			if err != nil {
				return
			}
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return
			}
		case <-silent.C:
			c.s.mu.Lock()
			known := c.owner != nil
			c.s.mu.Unlock()
			if !known {
				return
			}
		case <-c.gone:
			return
		}
	}
}

func (c *conn) read() {
	defer c.s.sockets.Done()
	defer func() {
		c.s.mu.Lock()
		c.s.forget(c)
		c.s.mu.Unlock()
	}()
	defer c.hangUp() // first: forgetting closes the queue, and that would be answered with a close frame
	c.ws.SetReadLimit(maxClientMsg)
	extend := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(pongWait)) }
	_ = extend("")
	c.ws.SetPongHandler(extend)
	for {
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		var req socketRequest
		if json.Unmarshal(b, &req) != nil || !c.handle(req) {
			return
		}
	}
}

// dropSockets cuts every websocket with no close frame.
func (s *Server) dropSockets() {
	s.mu.Lock()
	var cut []*conn
	for c := range s.conns {
		s.forget(c)
		cut = append(cut, c)
	}
	s.mu.Unlock()
	for _, c := range cut {
		c.hangUp()
	}
}
