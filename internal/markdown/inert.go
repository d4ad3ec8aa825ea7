package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// zeroWidth between @ and a name keeps the name readable and nobody pinged.
const zeroWidth = "\u200b"

// Inert makes text that Claude, a tool or a name supplies harmless in the
// thread: it pings nobody, loads nothing, hides nothing, and a link shows where
// it goes (D2–D7, SEC-12). Markdown stays. An open fence is closed. Doing it
// twice changes nothing.
//
// The server and its clients parse Markdown each in their own way. Text is
// taken for code only where all of them must agree: in a fence at the left edge
// and in a span within one line. Whatever else looks like code is treated as
// prose, and so is everything behind it.
func Inert(text string) string {
	text = visible(strings.ReplaceAll(text, "\r\n", "\n"), absurdBlank, true)
	var out strings.Builder
	var b blocks
	for line := range strings.Lines(text) {
		switch b.enter(line) {
		case lineCode:
			out.WriteString(quietCode(line))
		case lineUnsure:
			out.WriteString(quietProse(line))
		default:
			out.WriteString(inertLine(line))
		}
	}
	if b.fence != "" && !b.unsure {
		if !strings.HasSuffix(text, "\n") {
			out.WriteByte('\n')
		}
		out.WriteString(strings.Repeat(" ", b.indent) + b.fence)
	}
	return out.String()
}

// inertLine makes one line of prose inert, around its code spans. A backtick
// that opens no span on its line is escaped, so that nothing written later can
// make it one.
func inertLine(line string) string {
	var out strings.Builder
	from := 0
	for at := 0; at < len(line); {
		switch line[at] {
		case '\\':
			at = min(at+2, len(line))
		case '`':
			n := tickRun(line[at:])
			end := closingTicks(line[at+n:], n)
			out.WriteString(quietProse(line[from:at]))
			if end < 0 {
				out.WriteString(strings.Repeat("\\`", n))
				at += n
			} else {
				stop := at + n + end + n
				out.WriteString(line[at:at+n] + quietCode(line[at+n:at+n+end]) + line[stop-n:stop])
				at = stop
			}
			from = at
		default:
			at++
		}
	}
	return out.String() + quietProse(line[from:])
}

// tickRun is how many backticks s begins with.
func tickRun(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }

// closingTicks finds a run of exactly n backticks in s.
func closingTicks(s string, n int) int {
	for i := 0; i < len(s); {
		k := tickRun(s[i:])
		if k == n {
			return i
		}
		i += max(k, 1)
	}
	return -1
}

// quietCode takes out of code what may act even there: mentions of everybody,
// and images, since some clients show a fence that is not closed as prose.
func quietCode(s string) string {
	if strings.ContainsRune(s, '@') {
		s = massMention.ReplaceAllString(s, "@"+zeroWidth+"$1")
	}
	return strings.ReplaceAll(s, "![", "!"+zeroWidth+"[")
}

var (
	massMention = regexp.MustCompile(`(?i)@(all|channel|here)\b`)
	plainLink   = regexp.MustCompile(`!?\[([^\[\]\\]*)\]\([ \t]*<?([^\s<>()\\` + "`" + `]+)>?(?:[ \t]+(?:"[^"]*"|'[^']*'))?[ \t]*\)`)
	brokenLinks = strings.NewReplacer("](", `]\(`, "]:", `]\:`, "![", `!\[`)
	safeScheme  = regexp.MustCompile(`(?i)^(?:https?|mailto):`)
)

// quietProse takes mentions and links out of text between code spans. A link
// is written out with its address, which stays plain only if it is the link's
// own text; what is no simple link is broken (D5, D6).
func quietProse(s string) string {
	if strings.Contains(s, "](") {
		s = plainLink.ReplaceAllStringFunc(s, honestLink)
	}
	return unping(honestHosts(brokenLinks.Replace(s)))
}

func honestLink(link string) string {
	m := plainLink.FindStringSubmatch(link)
	text, to := m[1], m[2]
	if text == to && safeScheme.MatchString(to) && link[0] != '!' {
		return to
	}
	if strings.TrimSpace(text) == "" {
		return CodeSpan(to)
	}
	return text + " (" + CodeSpan(to) + ")"
}

// unping parts every @ and ~ from the name behind it. Within a word, as in a
// mail address, they name nobody, but @all is parted there too: a page may end
// anywhere.
func unping(s string) string {
	if !strings.ContainsAny(s, "@~") {
		return s
	}
	var out strings.Builder
	before := rune(' ')
	for i, r := range s {
		out.WriteRune(r)
		if r == '@' || r == '~' && before != '~' {
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			if wordRune(next) && (!wordRune(before) || massMention.MatchString(s[i:min(len(s), i+9)])) {
				out.WriteString(zeroWidth)
			}
		}
		before = r
	}
	return out.String()
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

var plainEscapes = strings.NewReplacer("\\", "\\\\", "|", "\\|", "`", "'", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "#", "\\#",
	"<", "\\<", ">", "\\>", "~", "\\~"+zeroWidth, "@", "@"+zeroWidth, "!", "\\!")

// Plain makes a short text inert for one line or one table cell: no markdown
// at all survives.
func Plain(s string) string {
	return plainEscapes.Replace(strings.Join(strings.Fields(Visible(s)), " "))
}

// Name is a user's name that everybody reads and nobody is pinged by.
func Name(name string) string { return "@" + zeroWidth + name }
