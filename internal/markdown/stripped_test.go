package markdown

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestStripped covers SEC-20: nothing hidden is left, what is seen stays.
func TestStripped(t *testing.T) {
	for text, want := range map[string]string{
		"a b\tc\nd": "a b\tc\nd", "a\r\nb\rc\u2028d\u0085e": "a\nb\nc\nd\ne", "a\x00b\x1b[1m": "ab[1m", "\u202eab\u200b": "ab",
		"ä e\u0301 字 🙂": "ä e\u0301 字 🙂", "bad\xff": "bad�", "a\u3164b": "ab", "": "",
	} {
		if got := Stripped(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := Stripped(text)
		if Stripped(got) != got || !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("something is hidden in %q", got)
		}
		if letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) && Shows(r) {
					return r
				}
				return -1
			}, s)
		}; letters(got) != letters(text) {
			t.Fatalf("%q lost letters: %q", text, got)
		}
	})
}
