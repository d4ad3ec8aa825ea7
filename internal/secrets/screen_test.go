package secrets

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
)

// T7: a screen hides by what it was told last, in one text and in what is
// written, while others change it.
func TestScreen(t *testing.T) {
	hiding := func(word string) func(string) string {
		return func(text string) string { return strings.ReplaceAll(text, word, "•••") }
	}
	s := NewScreen(hiding("form"))
	var out bytes.Buffer
	w := s.Writer(&out)
	io.WriteString(w, "form value ")
	s.Use(hiding("value"))
	if n, err := io.WriteString(w, "value"); n != len("value") || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if out.String() != "••• value •••" {
		t.Error(out.String())
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				s.Use(hiding("value"))
				if got := s.Hide("a value"); got != "a •••" {
					t.Error(got)
				}
			}
		})
	}
	all.Wait()
}
