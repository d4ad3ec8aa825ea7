package mattermost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const testToken = "s3cr3ttokenoftwentysix0000"

// pipeNet is a network without sockets: what runs over it obeys the clock of
// testing/synctest, so that minutes pass at once.
type pipeNet struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once

	mu   sync.Mutex
	down bool
}

func newPipeNet() *pipeNet { return &pipeNet{conns: make(chan net.Conn), gone: make(chan struct{})} }

func (n *pipeNet) setDown(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
}

func (n *pipeNet) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	n.mu.Lock()
	down := n.down
	n.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.gone:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *pipeNet) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.gone:
		return nil, net.ErrClosed
	}
}

func (n *pipeNet) Close() error {
	n.once.Do(func() { close(n.gone) })
	return nil
}

func (n *pipeNet) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// serve starts a server in the test's bubble, and a client of it.
func serve(t *testing.T, handler http.Handler) (*Client, *pipeNet, *logBuffer) {
	t.Helper()
	n := newPipeNet()
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go server.Serve(n)
	transport := &http.Transport{DialContext: n.DialContext}
	logs := &logBuffer{}
	c, err := New(Config{URL: "http://chat.example.org", Token: testToken, HTTP: &http.Client{Transport: transport},
		Log: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Close()
		server.Close()
		transport.CloseIdleConnections()
		if strings.Contains(logs.String(), testToken) {
			t.Errorf("the log holds the token:\n%s", logs)
		}
	})
	if s, ok := handler.(*chat); ok {
		t.Cleanup(s.busy.Wait) // scripts sleep on the bubble's clock, which stops with the test
	}
	return c, n, logs
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// sample is a recorded exchange with a real server.
type sample struct {
	Request struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"request"`
	Response exchange `json:"response"`
	exchange
	Limited exchange `json:"limited_response"`
}

type exchange struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readSample(t testing.TB, name string) exchange {
	t.Helper()
	var s sample
	if err := json.Unmarshal(readFile(t, name+".json"), &s); err != nil {
		t.Fatal(err)
	}
	for _, e := range []exchange{s.Response, s.Limited, s.exchange} {
		if e.Status != 0 {
			return e
		}
	}
	t.Fatalf("%s holds no answer", name)
	return exchange{}
}

// write answers as the server did.
func (e exchange) write(w http.ResponseWriter) {
	body := []byte(e.Body)
	var text string
	if json.Unmarshal(e.Body, &text) == nil {
		body = []byte(text)
	}
	for _, key := range []string{"content-type", "x-request-id", "retry-after", "x-ratelimit-reset"} {
		if v, ok := e.Headers[key]; ok {
			w.Header().Set(key, v)
		}
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(e.Status)
	w.Write(body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func bodyOf[T any](t testing.TB, r *http.Request) T {
	var v T
	data, err := io.ReadAll(r.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Errorf("%s %s: body %q: %v", r.Method, r.URL, data, err)
	}
	return v
}
