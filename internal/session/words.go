package session

import (
	"ctpipe/pipeline"
)

// name is what a user is called, as last heard. It takes no lock of the session's.
func (s *Session) name(id pipeline.UserID) string {
	s.host.people.mu.Lock()
	defer s.host.people.mu.Unlock()
	if a, ok := s.host.people.accounts[string(id)]; ok {
		return a.user.Username
	}
	if name := s.about.Names[id]; name != "" {
		return name
	}
	return nobody
}

// nobody is how somebody is called who was never heard of.
const nobody = "someone"
