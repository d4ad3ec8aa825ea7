package markdown

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// oddMost bounds how many letters are named.
const oddMost = 5

var (
	anyHost   = regexp.MustCompile(`(?i)(?:[a-z][a-z0-9+.-]*://|\bwww\.|\bgit@)([^\s/?#"'<>()\[\]` + "`" + `]+)`)
	letters   = regexp.MustCompile(`[\p{L}\p{M}\p{N}]+`)
	lookAlike = []*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu,
		{R16: []unicode.Range16{{Lo: 0xff10, Hi: 0xff5a, Stride: 1}}, R32: []unicode.Range32{{Lo: 0x1d400, Hi: 0x1d7ff, Stride: 1}}}}
)

// OddLetters names the letters of a text that may not be what they look like:
// all that are not ASCII in the name of a host or of a user there, and those of
// another script in a word that has Latin letters too. "" is none. See
// Unicode TR39.
func OddLetters(text string) string {
	if plainASCII(text) {
		return ""
	}
	var odd []rune
	take := func(word string, is func(rune) bool) {
		for _, r := range word {
			if is(r) && !slices.Contains(odd, r) {
				odd = append(odd, r)
			}
		}
	}
	for _, m := range anyHost.FindAllStringSubmatch(text, -1) {
		take(m[1], func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) })
	}
	for _, word := range letters.FindAllString(text, -1) {
		if strings.ContainsFunc(word, func(r rune) bool { return r <= unicode.MaxASCII && unicode.IsLetter(r) }) {
			take(word, func(r rune) bool { return unicode.In(r, lookAlike...) })
		}
	}
	return spelledOut(odd)
}

// spelledOut is "і U+0456, а U+0430".
func spelledOut(odd []rune) string {
	var out []string
	for _, r := range odd[:min(len(odd), oddMost)] {
		out = append(out, fmt.Sprintf("%s U+%04X", Plain(string(r)), r))
	}
	if len(odd) > oddMost {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

var wwwDot = regexp.MustCompile(`(?i)(\bwww)\.`)

var bareLink = regexp.MustCompile(`(?i)(?:https?://|\bwww\.)[^\s<>()\[\]\\` + "`" + `]+`)

// disarmOddHosts escapes addresses whose host looks like another's, so that no
// client makes a link of them, and names the letters.
func disarmOddHosts(s string) string {
	if plainASCII(s) {
		return s
	}
	return bareLink.ReplaceAllStringFunc(s, func(link string) string {
		m := anyHost.FindStringSubmatch(link)
		if m == nil {
			return link
		}
		odd := OddLetters("http://" + m[1])
		if odd == "" {
			return link
		}
		return wwwDot.ReplaceAllString(strings.ReplaceAll(link, "://", `\://`), `$1\.`) + " ⚠️ *letters of this host are not ASCII: " + odd + "*"
	})
}
