package playground

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// likeEvent compares an event with the recording of that name.
func likeEvent(t *testing.T, name string, got map[string]any) {
	t.Helper()
	want := sample(t, name)
	if e, ok := want["event_at_other"].(map[string]any); ok {
		want = e
	}
	if got["event"] != want["event"] {
		t.Errorf("%s: event %v", name, got["event"])
	}
	sameShape(t, name, want, got)
}

func TestShapesOfEvents(t *testing.T) {
	s := started(t)
	bot, ch := listen(t, s, s.BotToken()), s.ChannelID()
	hello := bot.next()
	likeEvent(t, "ws-hello", hello)
	if id, _ := data(hello)["connection_id"].(string); !isID(id) || hello["seq"] != 0.0 {
		t.Errorf("hello: %v", hello)
	}
	likeEvent(t, "ws-status_change", bot.next())
	api := func(user, method, path string, body any) answer {
		return as(t, s, s.tokenFor(user), method, "/api/v4"+path, body)
	}
	root := post(t, s, "alice", "", "please fix the bug @claude-code.")
	likeEvent(t, "ws-posted-root-by-user-mention-bot", bot.next())
	reply := post(t, s, botName, root, "on it")
	likeEvent(t, "ws-posted-reply", bot.next())
	likeEvent(t, "ws-channel_viewed", bot.next())
	api(botName, "PUT", "/posts/"+reply+"/patch", map[string]any{"message": "on it: 2"})
	likeEvent(t, "ws-post_edited", bot.next())
	alice := s.UserID("alice")
	for range 2 { // reacting twice sends the event twice
		if a := api("alice", "POST", "/reactions", map[string]any{"user_id": alice, "post_id": reply, "emoji_name": "+1"}); a.status != 200 {
			t.Fatalf("react: %d", a.status)
		}
		likeEvent(t, "ws-reaction_added", bot.next())
	}
	if list := api("alice", "GET", "/posts/"+reply+"/reactions", nil).body.([]any); len(list) != 1 {
		t.Errorf("reactions: %v", list)
	}
	for range 2 { // removing an absent one sends the event too
		api("alice", "DELETE", "/users/me/posts/"+reply+"/reactions/+1", nil)
		removed := bot.next()
		likeEvent(t, "ws-reaction_removed", removed)
		if r := inner(t, removed, "reaction"); r["create_at"] != 0.0 {
			t.Errorf("removed reaction: %v", r)
		}
	}
	api("alice", "POST", "/users/me/typing", map[string]any{"channel_id": ch, "parent_id": root})
	likeEvent(t, "ws-typing", bot.next())
	s.SystemPost("system_add_to_channel", "@bob added")
	sys := bot.next()
	if data(sys)["sender_name"] != "System" || inner(t, sys, "post")["type"] != "system_add_to_channel" {
		t.Errorf("system post: %v", sys)
	}
	s.RemoveFromChannel("gus")
	likeEvent(t, "ws-user_removed-seen-by-member", bot.next())
	s.AddToChannel("gus")
	likeEvent(t, "ws-user_added-seen-by-member", bot.next())
	api("alice", "POST", "/posts/"+reply+"/pin", nil)
	if p := inner(t, bot.next(), "post"); p["is_pinned"] != true {
		t.Errorf("pinned: %v", p)
	}
	api("alice", "DELETE", "/posts/"+root, nil)
	gone := bot.next()
	likeEvent(t, "ws-post_deleted", dropKeys(gone))
	if p := inner(t, gone, "post"); p["delete_at"] != 0.0 || p["id"] != root {
		t.Errorf("deleted: %v", p)
	}
	// One event for the whole thread: what follows is the next thing that happens.
	post(t, s, "alice", "", "after")
	if e := bot.next(); e["event"] != "posted" || e["seq"].(float64) != gone["seq"].(float64)+1 {
		t.Errorf("after the delete: %v", e)
	}
}

// dropKeys adds what the recorded post had and ours has not: reactions.
func dropKeys(e map[string]any) map[string]any {
	d := data(e)
	raw := strings.Replace(d["post"].(string), `"reply_count"`, `"has_reactions":true,"reply_count"`, 1)
	return map[string]any{"event": e["event"], "data": map[string]any{"post": strings.Replace(raw, `"metadata":{}`, `"metadata":{"reactions":[]}`, 1)}, "broadcast": e["broadcast"], "seq": e["seq"]}
}

func TestChallengeOrderAndRequests(t *testing.T) {
	s := started(t)
	l := listen(t, s, "")
	l.say(map[string]any{"seq": 1, "action": "authentication_challenge", "data": map[string]string{"token": s.tokenFor("alice")}})
	want := sample(t, "ws-authentication_challenge-reply")["received_in_order"].([]any)
	for i, w := range want {
		sameShape(t, fmt.Sprintf("frame %d", i), w, l.next())
	}
	l.say(map[string]any{"seq": 2, "action": "ping"})
	pong := l.next()
	sameShape(t, "ping", sample(t, "ws-ping-reply")["received"], pong)
	if data(pong)["text"] != "pong" || pong["seq_reply"] != 2.0 {
		t.Errorf("pong: %v", pong)
	}
	l.say(map[string]any{"seq": 3, "action": "no_such_action"})
	sameShape(t, "bad action", sample(t, "ws-bad-action-reply")["received"], l.next())
	l.say(map[string]any{"seq": 4, "action": "user_typing", "data": map[string]string{"channel_id": "xx"}})
	sameShape(t, "bad channel", sample(t, "ws-invalid-param-reply")["received"], l.next())
	l.say(map[string]any{"action": "ping"})
	if r := l.next(); r["error"].(map[string]any)["id"] != "api.web_socket_router.bad_seq.app_error" {
		t.Errorf("no seq: %v", r)
	}
	bob := listen(t, s, s.tokenFor("bob"))
	bob.until("hello")
	l.say(map[string]any{"seq": 5, "action": "user_typing", "data": map[string]string{"channel_id": s.ChannelID()}})
	if e := bob.until("typing"); data(e)["user_id"] != s.UserID("alice") {
		t.Errorf("typing: %v", e)
	}
	if r := l.next(); r["seq_reply"] != 5.0 {
		t.Errorf("the typist heard herself: %v", r)
	}
}

// closedWith reads until the socket ends and gives the close code.
func closedWith(t *testing.T, l *listener) int {
	t.Helper()
	_ = l.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		if _, _, err := l.ws.ReadMessage(); err != nil {
			if c, ok := errors.AsType[*websocket.CloseError](err); ok {
				return c.Code
			}
			if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
				t.Fatal("the socket stayed open")
			}
			return websocket.CloseAbnormalClosure
		}
	}
}

func TestSocketsOfNobodyAreClosed(t *testing.T) {
	s := started(t, func(s *Server) { s.authWait = 50 * time.Millisecond })
	for name, l := range map[string]*listener{
		"bad bearer": listen(t, s, "nobody"),
		"silent":     listen(t, s, ""),
	} {
		if code := closedWith(t, l); code != websocket.CloseAbnormalClosure {
			t.Errorf("%s: close %d, want 1006", name, code)
		}
	}
	l := listen(t, s, "")
	l.say(map[string]any{"seq": 1, "action": "authentication_challenge", "data": map[string]string{"token": "bad"}})
	if code := closedWith(t, l); code != websocket.CloseAbnormalClosure {
		t.Errorf("bad challenge: close %d", code)
	}
	big := listen(t, s, s.BotToken())
	big.say(map[string]any{"seq": 1, "action": strings.Repeat("x", maxClientMsg)})
	if code := closedWith(t, big); code != websocket.CloseMessageTooBig {
		t.Errorf("large frame: close %d, want 1009", code)
	}
	odd := listen(t, s, s.BotToken())
	_ = odd.ws.WriteMessage(websocket.TextMessage, []byte("no json"))
	if code := closedWith(t, odd); code != websocket.CloseAbnormalClosure {
		t.Errorf("no JSON: close %d", code)
	}
}

// The author's own event is in the socket when the REST answer comes, every time.
func TestOwnEventComesBeforeTheAnswer(t *testing.T) {
	s := started(t)
	bot := listen(t, s, s.BotToken())
	bot.until("status_change")
	for i := range 100 {
		id := post(t, s, botName, "", fmt.Sprint(i))
		if waiting(t, bot) == 0 {
			t.Fatalf("post %d was answered before its event was written", i)
		}
		if p := inner(t, bot.next(), "post"); p["id"] != id {
			t.Fatalf("post %d: event of %v", i, p["id"])
		}
		if e := bot.next(); e["event"] != "channel_viewed" {
			t.Fatalf("post %d: then came %v", i, e["event"])
		}
	}
}

// waiting gives the number of bytes that can be read now, without reading them.
func waiting(t *testing.T, l *listener) int {
	t.Helper()
	raw, err := l.ws.NetConn().(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	buf := make([]byte, 16)
	_ = l.ws.SetReadDeadline(time.Time{})
	if err := raw.Read(func(fd uintptr) bool {
		n, _, _ = syscall.Recvfrom(int(fd), buf, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return max(n, 0)
}

func TestSlowClientIsDroppedAndSlowsNobody(t *testing.T) {
	s := started(t)
	slow := listen(t, s, s.tokenFor("bob"))
	slow.until("hello")
	text := strings.Repeat("é", 15000)
	dropped := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.conns) == 0
	}
	sent := 0
	for ; sent < 3000 && !dropped(); sent++ { // bob reads nothing
		if _, err := s.PostAs("alice", "", text); err != nil {
			t.Fatal(err)
		}
	}
	if !dropped() {
		t.Fatalf("%d posts of 30 kB wait for a client that does not read", sent)
	}
	// What was queued is still delivered, with no gap, and then the close.
	next := 1.0
	_ = slow.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		var e map[string]any
		if err := slow.ws.ReadJSON(&e); err != nil {
			if c, ok := errors.AsType[*websocket.CloseError](err); !ok || c.Code != websocket.CloseNoStatusReceived {
				t.Errorf("ended with %v, want close 1005", err)
			}
			break
		}
		if e["seq"] != next {
			t.Fatalf("seq %v, want %v", e["seq"], next)
		}
		next++
	}
	if next < queueLength {
		t.Errorf("%v events before the close, want at least the %d queued", next, queueLength)
	}
	t.Logf("dropped after %d posts, %v events delivered", sent, next)
}

func TestTooManySockets(t *testing.T) {
	s := started(t)
	for range maxSockets {
		listen(t, s, s.BotToken()).until("hello")
	}
	_, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.APIURL(), "http")+"/api/v4/websocket", nil)
	if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("socket %d: %v", maxSockets+1, err)
	}
}
