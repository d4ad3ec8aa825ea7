package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible shows characters that hide, reorder or erase others as \u{…}.
// Newlines and tabs stay; long runs of blanks are counted.
func Visible(s string) string { return visible(s, longBlank, false) }

// Blanks that push what follows out of sight. Indentation of code is left
// alone unless it is absurd; so is what aligns columns in text that nobody
// has to approve.
var (
	longBlank   = regexp.MustCompile(`(?m)[^\s\p{Zs}][\t\p{Zs}]{9,}|^[\t\p{Zs}]{65,}`)
	absurdBlank = regexp.MustCompile(`(?m)[\t\p{Zs}]{65,}`)
)

// visible is Visible with its own idea of too many blanks, and with or without
// the zero width spaces that Inert has put behind @, ~ and !.
func visible(s string, blanks *regexp.Regexp, inert bool) string {
	if !plainASCII(s) {
		s = spelled(s, inert)
	}
	if !manyBlanks(s) {
		return s
	}
	return blanks.ReplaceAllStringFunc(s, func(run string) string {
		text := strings.TrimLeftFunc(run, blank)
		if first, n := utf8.DecodeRuneInString(run); !blank(first) {
			text, run = run[:n], run[n:]
		}
		return fmt.Sprintf("%s ⟨%d blanks⟩ ", text, utf8.RuneCountInString(run))
	})
}

func blank(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) }

// plainASCII reports a text without anything to spell out; most are.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// manyBlanks is a quick look whether a regular expression is worth it.
func manyBlanks(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case !blank(r):
			n = 0
		case n == 8:
			return true
		default:
			n++
		}
	}
	return false
}

// spelled writes hiding characters as \u{…}.
func spelled(s string, inert bool) string {
	var b strings.Builder
	before := ' '
	for _, r := range s {
		switch {
		case inert && r == '\u200b' && strings.ContainsRune("@~!", before), r == '\u200d' && pictured(before), !hides(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%X}`, r)
		}
		before = r
	}
	return b.String()
}

// pictured reports a rune behind which a joiner is part of an emoji.
func pictured(r rune) bool {
	return unicode.Is(unicode.So, r) || 0x1f3fb <= r && r <= 0x1f3ff || r == '\ufe0f'
}

// hides reports runes that show nothing or change how others are shown:
// controls, bidi marks, zero-width and tag characters, fillers, variation
// selectors but the two that choose between text and emoji.
func hides(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\ufe0e' || r == '\ufe0f':
		return false
	case r == '\u2800' || r == '\u2028' || r == '\u2029':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
