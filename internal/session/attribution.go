package session

import (
	"regexp"
	"strings"
	"unicode"

	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// What ctpipe writes between people and Claude begins a line with one of
// these, without spaces and in lower case. Nobody else's line may.
var marks = []string{"[@", "[messagefrom@", "[previousconversation", "[currentrequest", "[attachedfiles"}

// signature is what stands before a message once more than one person has
// taken part, so that Claude knows who says what.
func signature(people int, from pipeline.User) string {
	if people < 2 || from.ID == "" {
		return ""
	}
	return "[@" + plainName(from.Name) + "]: "
}

// approvedMark stands before the message of somebody who is not part of the
// session.
func approvedMark(from, by string) string {
	return "[Message from @" + plainName(from) + ", approved by @" + plainName(by) + "]\n"
}

// lineEnd is whatever a reader may take for the end of a line.
var lineEnd = regexp.MustCompile("\r\n|[\n\r\v\f\u0085\u2028\u2029]")

// tame takes from a text what looks like a mark of ctpipe's own: a backslash
// stands before it then. The rest stays as it was typed.
func tame(text string) string {
	var b strings.Builder
	for text != "" {
		line, end := text, ""
		if at := lineEnd.FindStringIndex(text); at != nil {
			line, end = text[:at[0]], text[at[0]:at[1]]
		}
		if forges(line) {
			b.WriteByte('\\')
		}
		b.WriteString(line + end)
		text = text[len(line)+len(end):]
	}
	return b.String()
}

// forges reports a line that begins like a mark, however it is spelled.
func forges(line string) bool {
	const enough = 64 // more letters than any mark has
	var b strings.Builder
	for _, r := range line {
		if !shows(r) {
			continue
		}
		if b.WriteRune(folded(r)); b.Len() > enough {
			break
		}
	}
	for _, m := range marks {
		if strings.HasPrefix(b.String(), m) {
			return true
		}
	}
	return false
}

// shows reports a rune that takes up room and is no space.
func shows(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800': // fillers: blank
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r)
}

// folded is a letter or bracket as it would be read: full width is no
// difference, nor is case.
func folded(r rune) rune {
	switch {
	case '！' <= r && r <= '～':
		return unicode.ToLower(r - '！' + '!')
	case strings.ContainsRune("【〔⟦❲⁅〚〖﹝", r):
		return '['
	case r == '﹫':
		return '@'
	}
	return unicode.ToLower(r)
}

// stripped is text without control characters but newline and tab, and without
// characters that are not seen or turn the direction (SEC-20).
func stripped(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == ' ' || shows(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Zs, r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(lineEnd.ReplaceAllString(text, "\n"), "�"))
}

// plainName is a user's name that cannot leave the mark it stands in.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]:,@\n\t", r) || unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, stripped(name))
	if name == "" {
		return "someone"
	}
	return paginate.Cut(name, 64)
}
