package session

import (
	"unicode/utf8"

	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// zeroWidth behind an @ names somebody without pinging them.
const zeroWidth = "\u200b"

// cutRunes keeps at most n runes and marks a cut.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return s[:paginate.ByteOf(s, n)] + "…"
}

// name is what a user is called, as last heard. It takes no lock of the session's.
func (s *Session) name(id pipeline.UserID) string {
	if name, ok := s.host.people.Name(id); ok {
		return name
	}
	if name := s.top.names[id]; name != "" {
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
