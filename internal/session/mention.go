package session

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var addressed = regexp.MustCompile(`^@([\w.-]*\w)`)

// aside reports a message to somebody else: "@alice what do you think?". It is
// not for Claude, even if it names the bot further on.
func aside(text, bot string) bool {
	m := addressed.FindStringSubmatch(strings.TrimSpace(text))
	return m != nil && !strings.EqualFold(m[1], bot)
}

// mentioned takes the bot's name out of a text and says whether it was there:
// at the start or inside, in any case; @bot-2 is not @bot.
func (h *Host) mentioned(text string) (rest string, found bool) {
	name := "@" + strings.ToLower(h.Me.Username)
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		lower = text // some letters change length; then only the exact case counts
	}
	var b strings.Builder
	for at := 0; ; {
		i := strings.Index(lower[at:], name)
		if i < 0 {
			b.WriteString(text[at:])
			break
		}
		i += at
		end := i + len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if wordy(before) || nameGoesOn(text[end:], after) {
			b.WriteString(text[at:end])
		} else {
			b.WriteString(text[at:i])
			found = true
		}
		at = end
	}
	return strings.TrimSpace(b.String()), found
}

func wordy(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '@')
}

// nameGoesOn reports that what follows belongs to a longer user name. A dot or
// dash belongs to it only before another letter or digit: "@bot." ends.
func nameGoesOn(rest string, next rune) bool {
	if wordy(next) {
		return true
	}
	if next != '-' && next != '.' {
		return false
	}
	second, _ := utf8.DecodeRuneInString(rest[1:])
	return wordy(second)
}
