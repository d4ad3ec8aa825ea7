package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// started gives a playground on a free port that is closed with the test.
func started(t testing.TB, change ...func(*Server)) *Server {
	t.Helper()
	s, err := New(Config{Listen: "127.0.0.1:0", Allowed: []string{"alice", "bob"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(s)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

type answer struct {
	status int
	header http.Header
	raw    []byte
	body   any
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	m, ok := a.body.(map[string]any)
	if !ok {
		t.Fatalf("answer %d is no object: %s", a.status, a.raw)
	}
	return m
}

func (a answer) str(t testing.TB, key string) string {
	t.Helper()
	v, _ := a.object(t)[key].(string)
	return v
}

// as calls the API with a token; body is JSON unless it is a string or reader.
func as(t testing.TB, s *Server, token, method, path string, body any, change ...func(*http.Request)) answer {
	t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case io.Reader:
		in = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, s.APIURL()+path, in)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, f := range change {
		f(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: raw}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// post creates a post as a user and gives its id.
func post(t testing.TB, s *Server, user, root, message string) string {
	t.Helper()
	a := as(t, s, s.tokenFor(user), "POST", "/api/v4/posts", map[string]any{"channel_id": s.ChannelID(), "root_id": root, "message": message})
	if a.status != http.StatusCreated {
		t.Fatalf("posting as %s: %d %s", user, a.status, a.raw)
	}
	return a.str(t, "id")
}

// listener is a websocket with its events.
type listener struct {
	t  testing.TB
	ws *websocket.Conn
}

func listen(t testing.TB, s *Server, token string) *listener {
	t.Helper()
	h := http.Header{}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.APIURL(), "http")+"/api/v4/websocket", h)
	if err != nil {
		t.Fatalf("dialling the websocket: %v", err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &listener{t, ws}
}

// next gives the next frame; the deadline only bounds a failing test.
func (l *listener) next() map[string]any {
	l.t.Helper()
	_ = l.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	var m map[string]any
	if err := l.ws.ReadJSON(&m); err != nil {
		l.t.Fatalf("reading the websocket: %v", err)
	}
	return m
}

// until skips to the next event of a name.
func (l *listener) until(name string) map[string]any {
	l.t.Helper()
	for {
		if m := l.next(); m["event"] == name {
			return m
		}
	}
}

func (l *listener) say(v any) {
	l.t.Helper()
	if err := l.ws.WriteJSON(v); err != nil {
		l.t.Fatal(err)
	}
}

func data(m map[string]any) map[string]any { return m["data"].(map[string]any) }

// inner decodes the JSON string in an event's data.
func inner(t testing.TB, m map[string]any, key string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(data(m)[key].(string)), &v); err != nil {
		t.Fatalf("%v of %v: %v", key, m["event"], err)
	}
	return v
}

// sample reads a recorded answer of a real server.
func sample(t testing.TB, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}
