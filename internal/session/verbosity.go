package session

import (
	"ctpipe/internal/display"
	"ctpipe/pipeline"
)

// setVerbosity says how much of Claude's tool calls, with their results and
// diffs, and of its thinking the thread sees from now on;
// "default" is how it is where nobody said. It takes the place of the default only: where a rule or a hook gives
// a style, that one stands, and what it withholds or hides stays so. Answers,
// cards, the task list and notices are never shortened by it, and a call that
// was refused is named all the same.
func (s *Session) setVerbosity(style string) {
	if style == "default" {
		style = ""
	}
	s.mu.Lock()
	s.style = display.Verbosity(style)
	s.mu.Unlock()
	s.save()
}

// verbosity is how much the thread wants to see, "default" where nobody said.
func (s *Session) verbosity() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.style == "" {
		return "default"
	}
	return string(s.style)
}

// styleOf is how a piece is to be shown: as a rule or a hook says, else as the
// thread wants it, "" where neither says anything.
func styleOf(p piece, f form, set pipeline.Settings, thread display.Verbosity) string {
	switch {
	case set.Style != "":
		return set.Style
	case f.denied && thread == display.Hidden:
		return "line"
	case p.line != nil || p.what == "thinking":
		return string(thread)
	}
	return ""
}
