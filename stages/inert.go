package stages

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// zeroWidth between @ and a name keeps the name readable and nobody pinged.
const zeroWidth = "\u200b"

var (
	mention      = regexp.MustCompile(`(^|[^\w@~` + "`" + `])([@~])([\pL\d_])`)
	massMention  = regexp.MustCompile(`(?i)@(all|channel|here)\b`)
	remoteImage  = regexp.MustCompile(`!\[`)
	maskedLink   = regexp.MustCompile(`\[([^\]\n]*)\]\(\s*<?((?:https?|ftp|mailto|javascript|data):[^)\s>]*)>?[^)\n]*\)`)
	referenceDef = regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:\s*\S+`)
)

// Inert makes text that Claude, a tool or a name supplies harmless in the
// thread: it pings nobody, loads nothing, hides nothing and cannot pass for a
// card of ctpipe's own (D2–D7, SEC-12). Markdown stays.
func Inert(text string) string {
	text = Visible(text)
	return outsideCode(text, prose, func(code string) string {
		return massMention.ReplaceAllString(code, "@"+zeroWidth+"$1")
	})
}

func prose(s string) string {
	s = mention.ReplaceAllString(s, "$1$2"+zeroWidth+"$3")
	s = massMention.ReplaceAllString(s, "@"+zeroWidth+"$1")
	s = remoteImage.ReplaceAllString(s, "!\\[")
	s = maskedLink.ReplaceAllStringFunc(s, honestLink)
	return referenceDef.ReplaceAllStringFunc(s, func(def string) string { return "\\" + strings.TrimLeft(def, " ") })
}

// honestLink shows where a link goes, unless its text is that address.
func honestLink(link string) string {
	m := maskedLink.FindStringSubmatch(link)
	if m[1] == m[2] {
		return m[2]
	}
	return m[1] + " (" + m[2] + ")"
}

// Plain makes a short text inert for one line or one table cell: no markdown
// at all survives.
func Plain(s string) string {
	s = strings.Join(strings.Fields(Visible(s)), " ")
	s = strings.NewReplacer("|", "\\|", "`", "'", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "#", "\\#",
		"<", "\\<", ">", "\\>", "~", "\\~", "@", "@"+zeroWidth, "!", "\\!").Replace(s)
	return s
}

// Visible shows characters that hide, reorder or erase others as \u{…} (D3).
// Newlines and tabs stay; long runs of blanks are counted.
func Visible(s string) string {
	if strings.ContainsFunc(s, hides) {
		var b strings.Builder
		for _, r := range s {
			if hides(r) {
				fmt.Fprintf(&b, `\u{%X}`, r)
			} else {
				b.WriteRune(r)
			}
		}
		s = b.String()
	}
	if !strings.Contains(s, "         ") {
		return s
	}
	return longBlank.ReplaceAllStringFunc(s, func(run string) string {
		text := strings.TrimLeft(run, " ")
		if run[0] != ' ' {
			text = run[:1]
		}
		return fmt.Sprintf("%s ⟨%d blanks⟩ ", text, strings.Count(run, " "))
	})
}

// longBlank matches blanks that push what follows out of sight. Indentation
// of code is left alone unless it is absurd.
var longBlank = regexp.MustCompile(`(?m)[!-~] {9,}|^ {65,}`)

// hides reports runes that show nothing or change how others are shown:
// controls, bidi marks, zero-width and tag characters, fillers, variation
// selectors outside the basic plane.
func hides(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\u200d': // the joiner is part of emoji
		return false
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return true
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2028', r == '\u2029', r == '\u2800':
		return true
	case 0xE0100 <= r && r <= 0xE01EF:
		return true
	}
	return false
}

// outsideCode applies prose to text outside code and code to what is inside
// fences and spans. An unclosed fence reaches to the end, as in the thread.
func outsideCode(text string, prose, code func(string) string) string {
	var out, run strings.Builder
	fence := ""
	flush := func(f func(string) string) {
		out.WriteString(f(run.String()))
		run.Reset()
	}
	for _, line := range strings.SplitAfter(text, "\n") {
		mark := FenceMark(line)
		switch {
		case fence == "" && mark != "":
			flush(func(s string) string { return spans(s, prose, code) })
			fence = mark
			run.WriteString(line)
		case fence != "" && ClosesFence(line, fence):
			run.WriteString(line)
			flush(code)
			fence = ""
		default:
			run.WriteString(line)
		}
	}
	if fence != "" {
		flush(code)
	} else {
		flush(func(s string) string { return spans(s, prose, code) })
	}
	return out.String()
}

// spans splits prose at inline code.
func spans(text string, prose, code func(string) string) string {
	var out strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '`')
		if open < 0 {
			break
		}
		n := len(text[open:]) - len(strings.TrimLeft(text[open:], "`"))
		ticks := text[open : open+n]
		end := closingTicks(text[open+n:], n)
		if end < 0 {
			break
		}
		out.WriteString(prose(text[:open]))
		stop := open + n + end + n
		out.WriteString(ticks + code(text[open+n:open+n+end]) + ticks)
		text = text[stop:]
	}
	out.WriteString(prose(text))
	return out.String()
}

// closingTicks finds a run of exactly n backticks in the same paragraph.
func closingTicks(s string, n int) int {
	if para := strings.Index(s, "\n\n"); para >= 0 {
		s = s[:para]
	}
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		k := i
		for k < len(s) && s[k] == '`' {
			k++
		}
		if k-i == n {
			return i
		}
		i = k
	}
	return -1
}
