package intake

import (
	"strings"
	"unicode"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
)

// What ctpipe writes between people and Claude begins a line with one of
// these, without spaces and in lower case. Nobody else's line may.
var marks = []string{"[@", "[messagefrom@", "[previousconversation", "[currentrequest", "[attachedfiles"}

// Signature is what stands before a message once more than one person has taken
// part, so that Claude knows who says what; name is its author's.
func Signature(name string) string { return "[@" + plainName(name) + "]: " }

// ApprovedMark stands before the message of somebody who is not part of the
// session, by whom it was let in.
func ApprovedMark(from, by string) string {
	return "[Message from @" + plainName(from) + ", approved by @" + plainName(by) + "]\n"
}

// Tame takes from a text what looks like a mark of ctpipe's own: a backslash
// stands before it then. The rest stays as it was typed.
func Tame(text string) string {
	var b strings.Builder
	for text != "" {
		line, end := text, ""
		if at := markdown.LineEnd.FindStringIndex(text); at != nil {
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
		if !markdown.Shows(r) {
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

// plainName is a user's name that cannot leave the mark it stands in.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]:,@\n\t", r) || unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, markdown.Stripped(name))
	if name == "" {
		return "someone"
	}
	return paginate.Cut(name, 64)
}
