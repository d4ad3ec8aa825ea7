package session

import (
	"ctpipe/internal/markdown"
	"strings"
)

// verbosityCommand says or sets how much of Claude's tool calls the thread shows.
func (s *Session) verbosityCommand(c controlled) {
	if len(c.e.Args) == 0 {
		s.notice("🔉 The verbosity of this thread is " + markdown.CodeSpan(s.verbosity()) + ". Usage: `!verbosity " + strings.Join(verbosities, "|") + "`")
		return
	}
	style := strings.ToLower(c.e.Args[0])
	if err := s.setVerbosity(style); err != nil {
		s.notice(err.Error())
		return
	}
	s.notice("🔉 The verbosity of this thread is now " + markdown.CodeSpan(style) + ", set by " + c.by() + "; a style that a rule gives stays as it is")
}
