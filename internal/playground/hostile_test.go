package playground

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func onPosts(f Fault) func(*http.Request) Fault {
	return func(r *http.Request) Fault {
		if r.Method == "POST" && r.URL.Path == "/api/v4/posts" {
			return f
		}
		return Fault{}
	}
}

func TestFaults(t *testing.T) {
	s := started(t)
	body := map[string]any{"channel_id": s.ChannelID(), "message": "once", "pending_post_id": "p1"}
	create := func() answer { return as(t, s, s.BotToken(), "POST", "/api/v4/posts", body) }

	s.SetFault(onPosts(Fault{Status: 429, RetryAfter: 1500 * time.Millisecond}))
	want := sample(t, "errors")["rest-429-rate-limited"].(map[string]any)
	a := create()
	if a.status != 429 || a.header.Get("Retry-After") != "2" || string(a.raw) != want["body"] || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("429: %d %v %q", a.status, a.header, a.raw)
	}
	s.SetFault(onPosts(Fault{Status: 502}))
	if a := create(); a.status != 502 || a.object(t)["status_code"] != 502.0 {
		t.Errorf("502: %d %s", a.status, a.raw)
	}
	if n := len(s.Posts()); n != 0 {
		t.Fatalf("%d posts after refused requests", n)
	}

	// The post is made, the answer is lost; the same pending id gives it back.
	s.SetFault(onPosts(Fault{Status: 500, After: true}))
	if a := create(); a.status != 500 || len(s.Posts()) != 1 {
		t.Fatalf("lost answer: %d, %d posts", a.status, len(s.Posts()))
	}
	s.SetFault(nil)
	if a := create(); a.status != 201 || a.str(t, "id") != s.Posts()[0].ID || len(s.Posts()) != 1 {
		t.Errorf("repeated: %d, %d posts", a.status, len(s.Posts()))
	}

	s.SetFault(onPosts(Fault{HangUp: true}))
	req, _ := http.NewRequest("POST", s.APIURL()+"/api/v4/posts", strings.NewReader("{}"))
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("a hung-up request was answered")
	}
	s.SetFault(onPosts(Fault{Delay: time.Hour}))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	slow, _ := http.NewRequestWithContext(ctx, "POST", s.APIURL()+"/api/v4/posts", strings.NewReader("{}"))
	if res, err := http.DefaultClient.Do(slow); !errors.Is(err, context.DeadlineExceeded) {
		if err == nil {
			_ = res.Body.Close()
		}
		t.Errorf("delayed request: %v", err)
	}
}

func TestPendingIDForgetsAfterThirtySeconds(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := started(t, func(s *Server) { s.cfg.Now = func() time.Time { return now } })
	body := map[string]any{"channel_id": s.ChannelID(), "message": "x", "pending_post_id": "p"}
	create := func(user string) string {
		return as(t, s, s.tokenFor(user), "POST", "/api/v4/posts", body).str(t, "id")
	}
	first := create("alice")
	if create("alice") != first || create("bob") != first { // the key is global
		t.Error("the same pending id made another post")
	}
	s.mu.Lock()
	now = now.Add(31 * time.Second)
	s.mu.Unlock()
	if create("alice") == first {
		t.Error("the pending id is remembered after 31 s")
	}
}

func TestAccountsChangeUnderway(t *testing.T) {
	s := started(t)
	id := s.UserID("bob")
	bot := listen(t, s, s.BotToken())
	bob := listen(t, s, s.tokenFor("bob"))
	bob.until("hello")
	bot.until("status_change")
	if !s.RenameUser("bob", "alyce") || s.UserID("alyce") != id || s.UserID("bob") != "" {
		t.Error("rename")
	}
	bot.until("user_updated")
	if a := as(t, s, s.BotToken(), "GET", "/api/v4/users/username/alyce", nil); a.str(t, "id") != id {
		t.Errorf("renamed: %s", a.raw)
	}
	p, err := s.PostAsWebhook("alice", "", "I am alice, honest")
	if err != nil || p.Props["from_webhook"] != "true" {
		t.Fatalf("webhook: %v %v", p, err)
	}
	if e := bot.until("posted"); data(e)["sender_name"] != "@alice" {
		t.Errorf("webhook: %v", e)
	}
	s.RemoveFromChannel("alyce")
	bob.until("user_removed")
	if a := as(t, s, s.tokenFor("alyce"), "POST", "/api/v4/posts", map[string]any{"channel_id": s.ChannelID(), "message": "x"}); a.status != 403 {
		t.Errorf("removed: %d", a.status)
	}
	token := s.tokenFor("alice")
	s.Deactivate("alice")
	if a := as(t, s, token, "GET", "/api/v4/users/me", nil); a.status != 401 {
		t.Errorf("deactivated: %d", a.status)
	}
	old := s.BotToken()
	if err := s.RevokeToken(botName); err != nil {
		t.Fatal(err)
	}
	if a := as(t, s, old, "GET", "/api/v4/users/me", nil); a.status != 401 {
		t.Errorf("revoked: %d", a.status)
	}
	// The socket stays and hears; its requests fail and never show the token.
	if _, err := s.PostAs("mallory", "", "still here?"); err != nil {
		t.Fatal(err)
	}
	bot.until("posted")
	bot.say(map[string]any{"seq": 9, "action": "ping"})
	for r := bot.next(); ; r = bot.next() {
		if r["seq_reply"] == nil {
			continue
		}
		e := r["error"].(map[string]any)
		if e["id"] != "api.context.invalid_token.error" || strings.Contains(e["message"].(string), old) {
			t.Errorf("request with a revoked token: %v", r)
		}
		break
	}
	if _, err := s.AddUser(NewUser{Name: "gus"}); err == nil {
		t.Error("a name was given twice")
	}
	if _, err := s.AddUser(NewUser{Name: "zed", Outside: true}); err != nil {
		t.Error(err)
	}
	if a := as(t, s, s.tokenFor("zed"), "GET", "/api/v4/channels/"+s.ChannelID()+"/posts", nil); a.status != 403 {
		t.Errorf("posts for a non-member: %d", a.status)
	}
}

func TestFrozenSocketsStayOpenAndSilent(t *testing.T) {
	s := started(t)
	bot := listen(t, s, s.BotToken())
	bot.until("status_change")
	s.Freeze(true)
	if _, err := s.PostAs("alice", "", "unheard"); err != nil {
		t.Fatal(err)
	}
	bot.say(map[string]any{"seq": 1, "action": "ping"})
	s.Freeze(false)
	if _, err := s.PostAs("alice", "", "heard"); err != nil {
		t.Fatal(err)
	}
	e := bot.until("posted")
	if p := inner(t, e, "post"); p["message"] != "heard" {
		t.Errorf("frozen: %v", p["message"])
	}
	s.DropSockets()
	if code := closedWith(t, bot); code != 1006 {
		t.Errorf("dropped: close %d, want 1006", code)
	}
}
