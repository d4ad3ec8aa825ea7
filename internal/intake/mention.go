package intake

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addressed is a name at the start of a text. The dot that ends a sentence is
// no part of it.
var addressed = regexp.MustCompile(`^@([\w.-]*\w)`)

// everybody are the words that look like names and are none.
var everybody = map[string]bool{"here": true, "all": true, "channel": true}

// Aside reports a message to somebody else: "@alice what do you think?". It is
// for nobody here, even if it names the bot further on. Exists says whether some
// account has a name, in lower case; it is asked only where that matters.
func Aside(bot, text string, exists func(name string) bool) bool {
	m := addressed.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return false
	}
	name := strings.ToLower(m[1])
	return name != strings.ToLower(bot) && !everybody[name] && exists(name)
}

// mentioned takes the bot's user name out of a text and says whether it was
// there: at the start or inside, in any case; @bot-2 is not @bot.
func mentioned(bot, text string) (rest string, found bool) {
	name := "@" + strings.ToLower(bot)
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
			at = end
			continue
		}
		found = true
		kept, rest := closeGap(b.String()+text[at:i], text[end:])
		b.Reset()
		b.WriteString(kept)
		at = len(text) - len(rest)
	}
	return strings.TrimSpace(b.String()), found
}

// closeGap joins what stood before a name and behind it, so that no doubled
// space, no lone comma and no empty brackets are left.
func closeGap(before, after string) (kept, rest string) {
	start := strings.TrimSpace(before) == ""
	switch {
	case start && after != "" && strings.ContainsRune(",:;", rune(after[0])):
		return "", after[1:]
	case strings.HasSuffix(before, "(") && strings.HasPrefix(after, ")"):
		return closeGap(before[:len(before)-1], after[1:])
	case strings.HasSuffix(before, " ") && (after == "" || strings.ContainsRune(" \n.,:;!?)", rune(after[0]))):
		return strings.TrimSuffix(before, " "), after
	case strings.HasSuffix(before, "\n") && strings.HasPrefix(after, " "):
		return before, after[1:]
	}
	return before, after
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
