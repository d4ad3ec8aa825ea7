package playground

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// What follows lets the server behave as badly as real ones do.

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
	s.around = nil
	if hook != nil {
		s.around = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hook(r).serve(w, r, next, s.closing) })
		}
	}
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
	writeError(w, &apiError{"api.playground.fault.app_error", "A fault was asked for by a test.", f.Status})
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

// RenameUser gives an account another user name; its id stays.
func (s *Server) RenameUser(name, to string) bool {
	return s.withUser(name, func(a *account) {
		a.name, a.updateAt = to, s.tick()
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

// Freeze makes the sockets deaf and dumb while they stay open: no events, no
// answers, protocol pings go on. Real servers do this after a hub panic.
func (s *Server) Freeze(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = on
}

// SystemPost posts a system message, such as system_join_channel, by alice.
func (s *Server) SystemPost(kind, message string) Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, now := s.accountByName("alice"), s.tick()
	e := &entry{Post: Post{
		ID: newID(), CreateAt: now, UpdateAt: now, UserID: a.id, ChannelID: s.channel.ID, Message: message,
		Type: kind, Props: map[string]any{"userId": a.id, "username": a.name},
	}}
	s.insert(e, a)
	return s.store.snapshot(e)
}

// DropSockets cuts every websocket with no close frame.
func (s *Server) DropSockets() { s.dropSockets() }
