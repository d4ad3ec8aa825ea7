package main

import (
	"io"
	"slices"
	"testing"
)

// Flags stand before or behind the words; behind -- nothing is a flag.
func TestFlagsBehindWords(t *testing.T) {
	nobody := &program{stdout: io.Discard, stderr: io.Discard}
	for _, c := range []struct {
		args  []string
		rules string
		words []string
	}{
		{[]string{"-rules", "a.toml", "01J"}, "a.toml", []string{"01J"}},
		{[]string{"01J", "-rules", "a.toml"}, "a.toml", []string{"01J"}},
		{[]string{"--rules=a.toml", "x", "y"}, "a.toml", []string{"x", "y"}},
		{[]string{"--", "-rules", "a.toml"}, "rules.toml", []string{"-rules", "a.toml"}},
		{[]string{"x", "--", "-y"}, "rules.toml", []string{"x", "-y"}},
		{nil, "rules.toml", nil},
	} {
		s := newSubcommand(nobody, explainCommand).withRules()
		if code, done := s.parse(c.args, 2); done || s.rules != c.rules || !slices.Equal(s.words, c.words) {
			t.Errorf("%q: rules %q, words %q, code %d", c.args, s.rules, s.words, code)
		}
	}
	s := newSubcommand(nobody, explainCommand).withRules()
	if code, done := s.parse([]string{"a", "b"}, 1); !done || code != exitBad {
		t.Errorf("one word too many: %d, %v", code, done)
	}
}
