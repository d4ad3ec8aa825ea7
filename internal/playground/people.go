package playground

import (
	"fmt"
	"strings"
)

// What people on the platform do, for a program that has the server in its own
// process, such as a test of the whole daemon: without a client, without a
// token, and for an account that has lost its own. None of it can be reached
// over the network.

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

// Deactivate ends an account: its token is refused and its events stop, while
// its sockets stay open.
func (s *Server) Deactivate(name string) bool {
	return s.withUser(name, func(a *account) {
		a.deleteAt = s.tick()
		a.updateAt = a.deleteAt
		s.publish(event{name: "user_updated", data: map[string]any{"user": a.wire(false)}, channel: s.channel.ID}, "")
	})
}

// PostAs posts as a user, in the thread of root unless that is "".
func (s *Server) PostAs(name, root, message string) (Post, error) {
	return s.postAs(name, draft{RootID: root, Message: message})
}

// PostAsWebhook posts as an incoming webhook of alice's does: her user id, and
// another name in the props.
func (s *Server) PostAsWebhook(override, root, message string) (Post, error) {
	props := map[string]any{"from_webhook": "true", "override_username": override, "webhook_display_name": override}
	return s.postAs("alice", draft{RootID: root, Message: message, Props: props})
}

func (s *Server) postAs(name string, d draft) (Post, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName(name)
	if a == nil {
		return Post{}, fmt.Errorf("posting as %q: no such user", name)
	}
	d.ChannelID = s.channel.ID
	p, _, err := s.createPost(a, d)
	if err != nil {
		return Post{}, fmt.Errorf("posting as %q: %w", name, err)
	}
	return p, nil
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
