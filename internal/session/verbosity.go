package session

import (
	"cmp"
	"ctpipe/internal/display"
)

// setVerbosity says how much of Claude's tool calls, with their results and
// diffs, and of its thinking the thread sees from now on; "default" is how it is
// where nobody said. It takes the place of the default only: where a rule or a
// hook gives a style, that one stands, and what it withholds or hides stays so.
// Answers, cards, the task list and notices are never shortened by it, and a call
// that was refused is named all the same.
func (s speech) setVerbosity(style string) {
	if style == "default" {
		style = ""
	}
	s.Lock()
	s.words.SetStyle(display.Verbosity(style))
	s.Unlock()
	s.record().save()
}

// verbosity is how much the thread wants to see, "default" where nobody said.
func (s speech) verbosity() string {
	s.Lock()
	defer s.Unlock()
	return cmp.Or(string(s.words.Style()), "default")
}
