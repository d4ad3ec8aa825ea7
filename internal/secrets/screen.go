package secrets

import (
	"io"
	"sync/atomic"
)

// Screen takes credentials out of what is logged and printed: by their forms
// from the first line, by their values as soon as those are known. It is safe
// for concurrent use.
type Screen struct {
	hide atomic.Pointer[func(string) string]
}

// NewScreen makes a Screen that knows credentials by their forms only.
func NewScreen(byForm func(string) string) *Screen {
	s := &Screen{}
	s.Use(byForm)
	return s
}

// Use has hide take credentials out from now on; it must know their forms too.
func (s *Screen) Use(hide func(string) string) { s.hide.Store(&hide) }

// Hide gives a text without credentials.
func (s *Screen) Hide(text string) string { return (*s.hide.Load())(text) }

// Writer writes to w what people may read. What is written at once must hold
// credentials whole: one that two writes share is not found.
func (s *Screen) Writer(w io.Writer) io.Writer { return &screened{to: w, screen: s} }

type screened struct {
	to     io.Writer
	screen *Screen
}

// Write writes p without credentials.
func (w *screened) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.to, w.screen.Hide(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
