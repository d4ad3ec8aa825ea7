package claudetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"
)

// Server plays a scenario. Its methods may be called from any goroutine.
type Server struct {
	URL string // base URL, for ANTHROPIC_BASE_URL

	http  *httptest.Server
	side  string
	match []regexpVar

	mu    sync.Mutex
	lanes []*lane // the last one is main
	vars  map[string]string
	log   []Request
	gone  int
	more  chan struct{} // closed and replaced at each change of log and gone
}

type regexpVar struct {
	name string
	re   *regexp.Regexp
}

// lane is a Lane being played.
type lane struct {
	Lane
	next, served int
}

// NewServer starts a server on loopback that ends with the test.
func NewServer(t testing.TB, s Scenario) *Server {
	t.Helper()
	srv, err := Start(s)
	if err != nil {
		t.Fatalf("claudetest: %v", err)
	}
	t.Cleanup(srv.Close)
	return srv
}

// Start is NewServer for programs that are no test. The caller closes it.
func Start(s Scenario) (*Server, error) {
	captures, err := s.compile()
	if err != nil {
		return nil, err
	}
	srv := &Server{side: s.Side, vars: map[string]string{}, more: make(chan struct{})}
	if srv.side == "" {
		srv.side = "ok"
	}
	for name, re := range captures {
		srv.match = append(srv.match, regexpVar{name, re})
	}
	for _, l := range s.Lanes {
		srv.lanes = append(srv.lanes, &lane{Lane: l})
	}
	srv.lanes = append(srv.lanes, &lane{Lane: Lane{Name: "main", Replies: s.Replies}})
	srv.http = httptest.NewServer(srv)
	srv.URL = srv.http.URL
	srv.vars["BASE"] = srv.URL
	return srv, nil
}

// Close ends all connections, stalled streams included.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Requests returns the requests so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Calls returns the requests to /v1/messages that a lane answered.
func (s *Server) Calls(lane string) []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return r.Lane != lane })
}

// Gone returns how many streams the client left before they were over.
func (s *Server) Gone() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// Wait blocks until cond holds for the server, or fails the test.
func (s *Server) Wait(t testing.TB, within time.Duration, what string, cond func(*Server) bool) {
	t.Helper()
	deadline := time.After(within)
	for {
		s.mu.Lock()
		more := s.more
		s.mu.Unlock()
		if cond(s) {
			return
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("scripted API: no %s within %s (%d requests)", what, within, len(s.Requests()))
		}
	}
}

// ServeHTTP answers the three paths the CLI uses; anything else gets {}.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r, err := readRequest(req)
	if err != nil {
		fail(w, Reply{Status: http.StatusBadRequest, Message: err.Error()})
		return
	}
	switch {
	case r.Method == http.MethodPost && r.Path == "/v1/messages":
		s.messages(w, req, r)
		return
	case r.Method == http.MethodPost && r.Path == "/v1/messages/count_tokens":
		s.record(r)
		writeJSON(w, map[string]int{"input_tokens": len(r.Body) / 4})
	default:
		s.record(r)
		writeJSON(w, map[string]any{})
	}
}

// change runs f under the lock and wakes those in Wait.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.more)
	s.more = make(chan struct{})
}

func (s *Server) record(r Request) (n int) {
	s.change(func() { s.log = append(s.log, r); n = len(s.log) })
	return n
}

func (s *Server) leave() { s.change(func() { s.gone++ }) }

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client has gone away: nobody to tell
}

func fail(w http.ResponseWriter, rep Reply) {
	typ := rep.ErrorType
	if typ == "" {
		typ = "api_error"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(rep.Status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "error", "request_id": w.Header().Get("Request-Id"),
		"error": map[string]string{"type": typ, "message": rep.Message}})
}

func requestID(n int) string { return fmt.Sprintf("req_fake%04d", n) }
