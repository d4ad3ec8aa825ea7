package session

import (
	"strings"

	"ctpipe/stages"
)

// verbosityCommand says or sets how much of Claude's tool calls the thread shows.
func (s *Session) verbosityCommand(c controlled) {
	if len(c.e.Args) == 0 {
		s.notice("🔉 The verbosity of this thread is " + stages.CodeSpan(s.verbosity()) + ". Usage: `!verbosity " + strings.Join(verbosities, "|") + "`")
		return
	}
	style := strings.ToLower(c.e.Args[0])
	if err := s.setVerbosity(style); err != nil {
		s.notice(err.Error())
		return
	}
	s.notice("🔉 The verbosity of this thread is now " + stages.CodeSpan(style) + ", set by " + c.by() + "; a style that a rule gives stays as it is")
}
