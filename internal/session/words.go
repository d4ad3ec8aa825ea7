package session

import "ctpipe/pipeline"

// name is what a user is called, as last heard. It takes no lock of the session's.
func (s *Session) name(id pipeline.UserID) string {
	if name, ok := s.host.people.Name(id); ok {
		return name
	}
	if name := s.about.Names[id]; name != "" {
		return name
	}
	return nobody
}

// nobody is how somebody is called who was never heard of.
const nobody = "someone"

// nameOf is what a user is called, as last heard.
func (h *Host) nameOf(id pipeline.UserID) string {
	if name, ok := h.people.Name(id); ok {
		return name
	}
	return nobody
}
