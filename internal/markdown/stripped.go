package markdown

import (
	"regexp"
	"strings"
	"unicode"
)

// LineEnd is whatever a reader may take for the end of a line.
var LineEnd = regexp.MustCompile("\r\n|[\n\r\v\f\u0085\u2028\u2029]")

// Stripped is a text without control characters but newline and tab, and without
// characters that are not seen or turn the direction. Every kind of line's end
// becomes a newline, and what is no UTF-8 a replacement character.
func Stripped(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == ' ' || Shows(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Zs, r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(LineEnd.ReplaceAllString(text, "\n"), "�"))
}

// Shows reports a rune that takes up room of its own and is no space.
func Shows(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800': // fillers: blank
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r)
}
