package session

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
)

// verbosities are what !verbosity takes; "default" is how it is where nobody
// asked for another.
var verbosities = []string{"full", "line", "fold", "file", "hidden", "default"}

// setVerbosity says how much of Claude's tool calls, with their results and
// diffs, and of its thinking the thread sees from now on; the error is for
// people. It takes the place of the default only: where a rule or a hook gives
// a style, that one stands, and what it withholds or hides stays so. Answers,
// cards, the task list and notices are never shortened by it, and a call that
// was refused is named all the same.
func (s *Session) setVerbosity(style string) error {
	if !slices.Contains(verbosities, style) {
		return userError(fmt.Sprintf("❌ There is no verbosity %s. Usage: `!verbosity %s`", markdown.CodeSpan(style), strings.Join(verbosities, "|")))
	}
	if style == "default" {
		style = ""
	}
	s.mu.Lock()
	s.words.SetStyle(display.Verbosity(style))
	s.mu.Unlock()
	s.save()
	return nil
}

// verbosity is how much the thread wants to see, "default" where nobody said.
func (s *Session) verbosity() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return orDefault(string(s.words.Style()))
}
