package playground

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func host(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }

func header(k, v string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(k, v) }
}

func codeOf(s *Server) string { _, code, _ := strings.Cut(s.URL(), "#"); return code }

func keyOf(t *testing.T, s *Server) string {
	t.Helper()
	a := as(t, s, "", "POST", "/playground/key", map[string]string{"code": codeOf(s)})
	if a.status != http.StatusOK {
		t.Fatalf("exchanging the code: %d %s", a.status, a.raw)
	}
	return a.str(t, "key")
}

// Every request: the page, its files, the page's calls, the API, the upgrade.
var everyPath = []struct{ method, path string }{
	{"GET", "/"}, {"GET", "/page/main.js"}, {"POST", "/playground/key"}, {"GET", "/playground/people"}, {"POST", "/playground/act"},
	{"GET", "/api/v4/users/me"}, {"POST", "/api/v4/posts"}, {"GET", "/api/v4/websocket"}, {"GET", "/api/v4/system/ping"}, {"GET", "/nothing"},
}

func TestAnotherPageInTheBrowserIsRefused(t *testing.T) {
	s := started(t)
	for _, p := range everyPath {
		for _, origin := range []string{"https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "https://" + s.ln.Addr().String(), ""} {
			a := as(t, s, s.BotToken(), p.method, p.path, nil, header("Origin", origin))
			if a.status != http.StatusForbidden {
				t.Errorf("%s %s with Origin %q: %d, want 403", p.method, p.path, origin, a.status)
			}
		}
	}
	// Requests that carry no Origin, as of an image or a script, say where they come from.
	for _, site := range []string{"cross-site", "same-site"} {
		if a := as(t, s, s.BotToken(), "GET", "/api/v4/users/me", nil, header("Sec-Fetch-Site", site)); a.status != http.StatusForbidden {
			t.Errorf("Sec-Fetch-Site %s: %d, want 403", site, a.status)
		}
	}
	if a := as(t, s, s.BotToken(), "GET", "/api/v4/users/me", nil, header("Origin", s.APIURL())); a.status != http.StatusOK {
		t.Errorf("our own page: %d", a.status)
	}
}

func TestAReboundNameIsRefused(t *testing.T) {
	s := started(t)
	_, port, _ := net.SplitHostPort(s.ln.Addr().String())
	for _, p := range everyPath {
		for _, h := range []string{"evil.example:" + port, "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example:" + port, "0.0.0.0:" + port} {
			if a := as(t, s, s.BotToken(), p.method, p.path, nil, host(h)); a.status != http.StatusForbidden {
				t.Errorf("%s %s with Host %q: %d, want 403", p.method, p.path, h, a.status)
			}
		}
		// A rebound page's Origin equals its Host; that must not help it.
		if a := as(t, s, s.BotToken(), p.method, p.path, nil, host("evil.example:"+port), header("Origin", "http://evil.example:"+port)); a.status != http.StatusForbidden {
			t.Errorf("%s %s rebound with matching Origin: %d, want 403", p.method, p.path, a.status)
		}
	}
	for _, h := range []string{"127.0.0.1:" + port, "localhost:" + port, "LOCALHOST:" + port, "[::1]:" + port} {
		if a := as(t, s, s.BotToken(), "GET", "/api/v4/users/me", nil, host(h)); a.status != http.StatusOK {
			t.Errorf("Host %q: %d, want 200", h, a.status)
		}
	}
}

func TestUpgradeOfAnotherPageIsRefused(t *testing.T) {
	s := started(t)
	url := "ws" + strings.TrimPrefix(s.APIURL(), "http") + "/api/v4/websocket"
	for name, h := range map[string]http.Header{
		"origin": {"Origin": {"https://evil.example"}},
		"host":   {"Host": {"evil.example"}},
	} {
		ws, res, err := websocket.DefaultDialer.Dial(url, h)
		if err == nil {
			_ = ws.Close()
			t.Errorf("%s: the upgrade was accepted", name)
			continue
		}
		if res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v, want 403", name, err)
		}
	}
}

func TestAnotherLocalUserHasNoKey(t *testing.T) {
	s := started(t)
	for _, token := range []string{"", "x", s.BotToken(), s.tokenFor("alice"), codeOf(s)} {
		if a := as(t, s, token, "GET", "/playground/people", nil); a.status != http.StatusUnauthorized {
			t.Errorf("people with token %.3q…: %d, want 401", token, a.status)
		}
		if a := as(t, s, token, "POST", "/playground/act", map[string]string{"user": "alice"}); a.status != http.StatusUnauthorized {
			t.Errorf("act with token %.3q…: %d, want 401", token, a.status)
		}
	}
	if a := as(t, s, "", "POST", "/playground/key", map[string]string{"code": ""}); a.status != http.StatusUnauthorized {
		t.Errorf("empty code: %d, want 401", a.status)
	}
	// What anybody can fetch holds no secret.
	for _, p := range []string{"/", "/page/main.js"} {
		a := as(t, s, "", "GET", p, nil)
		for _, secret := range []string{s.code, s.key, s.BotToken(), s.tokenFor("alice")} {
			if a.status != http.StatusOK || strings.Contains(string(a.raw), secret) {
				t.Errorf("%s: %d, or it holds a secret", p, a.status)
			}
		}
	}
}

func TestCodeWorksOnce(t *testing.T) {
	s := started(t)
	code := codeOf(s)
	if len(code) != 43 {
		t.Fatalf("the code has %d characters, want 43 (256 bits)", len(code))
	}
	for range 3 { // a wrong code does not use it up
		if a := as(t, s, "", "POST", "/playground/key", map[string]string{"code": "wrong"}); a.status != http.StatusUnauthorized {
			t.Fatalf("wrong code: %d", a.status)
		}
	}
	keyOf(t, s)
	if a := as(t, s, "", "POST", "/playground/key", map[string]string{"code": code}); a.status != http.StatusUnauthorized {
		t.Errorf("used code: %d, want 401", a.status)
	}
	if a := as(t, s, "", "POST", "/playground/key", map[string]string{"code": ""}); a.status != http.StatusUnauthorized {
		t.Errorf("empty code after use: %d, want 401", a.status)
	}
}

func TestKeyActsAsPeopleNeverAsTheBot(t *testing.T) {
	s := started(t)
	key := keyOf(t, s)
	for _, name := range []string{"alice", "bob", "mallory", "gus"} {
		a := as(t, s, key, "POST", "/playground/act", map[string]string{"user": name})
		me := as(t, s, a.str(t, "token"), "GET", "/api/v4/users/me", nil)
		if me.str(t, "username") != name {
			t.Errorf("acting as %s: %s", name, me.raw)
		}
	}
	for _, name := range []string{botName, "CLAUDE-CODE", "nobody", ""} {
		if a := as(t, s, key, "POST", "/playground/act", map[string]string{"user": name}); a.status != http.StatusForbidden {
			t.Errorf("acting as %q: %d, want 403", name, a.status)
		}
	}
	// The key is no API token.
	if a := as(t, s, key, "GET", "/api/v4/users/me", nil); a.status != http.StatusUnauthorized {
		t.Errorf("key as API token: %d, want 401", a.status)
	}
	kinds := map[string]any{}
	for _, p := range as(t, s, key, "GET", "/playground/people", nil).object(t)["people"].([]any) {
		p := p.(map[string]any)
		kinds[p["username"].(string)] = p["kind"]
	}
	want := map[string]any{"alice": "allowed", "bob": "allowed", "mallory": "stranger", "gus": "guest", botName: "bot"}
	for name, kind := range want {
		if kinds[name] != kind {
			t.Errorf("%s is shown as %v, want %v", name, kinds[name], kind)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := started(t)
	for _, p := range everyPath {
		a := as(t, s, "", p.method, p.path, nil)
		for k, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if got := a.header.Get(k); got != want {
				t.Errorf("%s %s: %s is %q, want %q", p.method, p.path, k, got, want)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", p.path, csp)
		}
		if a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", p.path)
		}
		for k := range a.header {
			if strings.HasPrefix(k, "Access-Control-") {
				t.Errorf("%s answers other origins: %s", p.path, k)
			}
		}
	}
}

func TestListenIsLoopbackOnly(t *testing.T) {
	for _, bad := range []string{"0.0.0.0:8765", ":8765", "192.168.1.5:8765", "[::]:8765", "example.org:8765", "8765", "127.0.0.1:http", "127.0.0.1:70000", "169.254.1.1:1", "[fe80::1%eth0]:1"} {
		_, err := New(Config{Listen: bad})
		if err == nil || !strings.Contains(err.Error(), bad) || !strings.Contains(err.Error(), "[playground] listen") || !strings.Contains(err.Error(), "-listen") {
			t.Errorf("listen %q: %v", bad, err)
		}
	}
	for _, good := range []string{"", "127.0.0.1:0", "localhost:0", "[::1]:0", "127.0.0.2:9"} {
		if _, err := New(Config{Listen: good}); err != nil {
			t.Errorf("listen %q: %v", good, err)
		}
	}
}

func TestPortTakenSaysHowToChangeIt(t *testing.T) {
	s := started(t)
	addr := s.ln.Addr().String()
	other, err := New(Config{Listen: addr})
	if err != nil {
		t.Fatal(err)
	}
	err = other.Start()
	if err == nil {
		t.Fatal("two servers on one port")
	}
	for _, want := range []string{addr, "taken", "[playground] listen", "rules.toml", "-listen"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if err := other.Close(context.Background()); err != nil {
		t.Errorf("closing a server that never started: %v", err)
	}
}

type brokenRandom struct{}

func (brokenRandom) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestNoRandomnessNoServer(t *testing.T) {
	if _, err := New(Config{Rand: brokenRandom{}}); err == nil || !strings.Contains(err.Error(), "no entropy") {
		t.Errorf("New without randomness: %v", err)
	}
}

// The page must have no way to turn text into HTML or code, and load nothing
// from elsewhere.
func TestPageSourcesAreInert(t *testing.T) {
	files, err := filepath.Glob("page/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("page files: %v %v", files, err)
	}
	never := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|createContextualFragment|document\.cookie|localStorage`)
	inlined := regexp.MustCompile(`<script>|<style|\son[a-z]+="|\sstyle="`)
	remote := regexp.MustCompile(`(?:src|href|from|import|url\()\s*[=(]?\s*["']?(?:https?:)?//`)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, re := range []*regexp.Regexp{never, remote} {
			if m := re.Find(raw); m != nil {
				t.Errorf("%s has %q", f, m)
			}
		}
		if m := inlined.Find(raw); m != nil && filepath.Ext(f) == ".html" {
			t.Errorf("%s has inline code: %q", f, m)
		}
	}
}
