package playground

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What follows is for tests and demos: it lets the server behave as badly as
// real ones do. None of it can be reached over the network.

// Fault is what a fault hook asks for one API request; the zero value is none.
type Fault struct {
	Delay      time.Duration // wait first; ends early when the client gives up
	Status     int           // answer this instead; 429 as the real server does, others as JSON
	RetryAfter time.Duration // Retry-After, in whole seconds, rounded up
	After      bool          // do what was asked and then lose the answer
	HangUp     bool          // close the connection with no answer
}

// SetFault installs a hook that is asked before every API request, upgrades of
// websockets included; nil removes it. It must not call the server.
func (s *Server) SetFault(hook func(*http.Request) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = hook
}

func (f Fault) serve(w http.ResponseWriter, r *http.Request, next http.Handler, closing <-chan struct{}) {
	if f.Delay > 0 && !f.wait(r, closing) {
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 && !f.HangUp {
		next.ServeHTTP(w, r)
		return
	}
	if f.After {
		next.ServeHTTP(lostAnswer{http.Header{}}, r)
	}
	if f.HangUp {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Status == http.StatusTooManyRequests {
		w.Header().Set("X-Ratelimit-Limit", "101")
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.Header().Set("X-Ratelimit-Reset", "1")
		http.Error(w, "limit exceeded", f.Status)
		return
	}
	e := *errFault
	e.status = f.Status
	writeError(w, &e)
}

// wait is false when the client gave up or the server closes. The body is read
// before: net/http notices a client that leaves only once it has been.
func (f Fault) wait(r *http.Request, closing <-chan struct{}) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, 2*maxFileBytes))
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-closing:
	}
	return false
}

// lostAnswer takes an answer that never arrives.
type lostAnswer struct{ h http.Header }

func (l lostAnswer) Header() http.Header         { return l.h }
func (l lostAnswer) Write(b []byte) (int, error) { return len(b), nil }
func (l lostAnswer) WriteHeader(int)             {}

// TokenFor gives the API token of an account, "" if there is none.
func (s *Server) TokenFor(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accountByName(name); a != nil {
		return a.token
	}
	return ""
}

// NewUser describes an account for AddUser.
type NewUser struct {
	Name       string
	Guest, Bot bool
	Outside    bool // in the team, not in the channel
}

// AddUser adds an account and gives its id.
func (s *Server) AddUser(n NewUser) (string, error) {
	token, err := newSecret(s.cfg.Rand)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accountByName(n.Name) != nil {
		return "", fmt.Errorf("adding user %q: the name is taken", n.Name)
	}
	now := s.tick()
	a := &account{id: newID(), name: n.Name, guest: n.Guest, bot: n.Bot, token: token, createAt: now, updateAt: now}
	s.accounts = append(s.accounts, a)
	if !n.Outside {
		s.join(a)
	}
	return a.id, nil
}

func (s *Server) join(a *account) {
	a.member = true
	s.publish(event{name: "user_added", data: map[string]any{"team_id": s.team.ID, "user_id": a.id}, channel: s.channel.ID}, "")
}

// withUser runs f on an account; false if there is none of that name.
func (s *Server) withUser(name string, f func(*account)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName(name)
	if a == nil {
		return false
	}
	f(a)
	return true
}

// RenameUser gives an account another user name; its id stays.
func (s *Server) RenameUser(name, to string) bool {
	return s.withUser(name, func(a *account) {
		a.name, a.updateAt = to, s.tick()
		s.publish(event{name: "user_updated", data: map[string]any{"user": a.wire(false)}, channel: s.channel.ID}, "")
	})
}

// Deactivate ends an account: its token is refused and its events stop, while
// its sockets stay open.
func (s *Server) Deactivate(name string) bool {
	return s.withUser(name, func(a *account) {
		a.deleteAt = s.tick()
		a.updateAt = a.deleteAt
		s.publish(event{name: "user_updated", data: map[string]any{"user": a.wire(false)}, channel: s.channel.ID}, "")
	})
}

// RevokeToken makes an account's tokens invalid; its sockets stay open and keep
// getting events, as on the real server. The new token is TokenFor's.
func (s *Server) RevokeToken(name string) error {
	token, err := newSecret(s.cfg.Rand)
	if err != nil {
		return err
	}
	if !s.withUser(name, func(a *account) { a.token, a.pageToken = token, "" }) {
		return fmt.Errorf("revoking the token of %q: no such user", name)
	}
	return nil
}

// RemoveFromChannel removes a member: both forms of user_removed are sent.
func (s *Server) RemoveFromChannel(name string) bool {
	return s.withUser(name, func(a *account) {
		a.member = false
		s.publish(event{name: "user_removed", data: map[string]any{"user_id": a.id, "remover_id": s.channel.CreatorID}, channel: s.channel.ID}, "")
		s.publish(event{name: "user_removed", data: map[string]any{"channel_id": s.channel.ID, "remover_id": s.channel.CreatorID}, user: a.id}, "")
	})
}

// AddToChannel adds a user to the channel.
func (s *Server) AddToChannel(name string) bool {
	return s.withUser(name, s.join)
}

// PostAs posts as a user, in the thread of root unless that is "".
func (s *Server) PostAs(name, root, message string) (Post, error) {
	return s.postWith(name, draft{RootID: root, Message: message}, "")
}

// PostAsWebhook posts as an incoming webhook of alice's does: her user id, and
// another name in the props.
func (s *Server) PostAsWebhook(override, root, message string) (Post, error) {
	props := map[string]any{"from_webhook": "true", "override_username": override, "webhook_display_name": override}
	return s.postWith("alice", draft{RootID: root, Message: message, Props: props}, "")
}

// SystemPost posts a system message, such as system_join_channel, by alice.
func (s *Server) SystemPost(kind, message string) (Post, error) {
	return s.postWith("alice", draft{Message: message}, kind)
}

func (s *Server) postWith(name string, d draft, kind string) (Post, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName(name)
	if a == nil {
		return Post{}, fmt.Errorf("posting as %q: no such user", name)
	}
	d.ChannelID = s.channel.ID
	if kind == "" {
		p, _, err := s.createPost(a, d)
		if err != nil {
			return Post{}, fmt.Errorf("posting as %q: %w", name, err)
		}
		return p, nil
	}
	now := s.tick()
	e := &entry{Post: Post{
		ID: newID(), CreateAt: now, UpdateAt: now, UserID: a.id, ChannelID: s.channel.ID, Message: d.Message,
		Type: kind, Props: map[string]any{"userId": a.id, "username": a.name},
	}}
	s.insert(e, a)
	return s.store.snapshot(e), nil
}

// React adds a reaction as a user.
func (s *Server) React(name, post, emoji string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName(name)
	if a == nil {
		return fmt.Errorf("reacting as %q: no such user", name)
	}
	if _, err := s.react(a, post, strings.Trim(emoji, ":")); err != nil {
		return fmt.Errorf("reacting as %q: %w", name, err)
	}
	return nil
}

// Posts gives the live posts, oldest first.
func (s *Server) Posts() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.store.all()
	posts := make([]Post, len(all))
	for i, e := range all {
		posts[len(all)-1-i] = s.store.snapshot(e)
	}
	return posts
}

// DropSockets cuts every websocket with no close frame.
func (s *Server) DropSockets() {
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

// Freeze makes the sockets deaf and dumb while they stay open: no events, no
// answers, protocol pings go on. Real servers do this after a hub panic.
func (s *Server) Freeze(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = on
}
