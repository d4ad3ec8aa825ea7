package command

import (
	"slices"
	"strings"
	"unicode"

	"ctpipe/pipeline"
)

// Split parses the text of a post as a command. It is one if it begins with !
// and a letter, or with / and a letter. Whose post it is does not matter here:
// the floor denies the commands of everybody but people. Known aliases become
// the canonical name.
func Split(text string) (pipeline.ChatCommand, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 2 || (text[0] != '!' && text[0] != '/') || !isLetter(text[1]) {
		return pipeline.ChatCommand{}, false
	}
	word, rest := cutWord(text[1:])
	c := pipeline.ChatCommand{Name: strings.ToLower(word), Args: strings.Fields(rest), Text: rest, Slash: text[0] == '/'}
	if c.Slash && strings.ContainsRune(word, '/') {
		return pipeline.ChatCommand{}, false // a path: "/etc/hosts is odd"
	}
	if known, ok := Find(c.Name); ok && !c.Slash {
		c.Name = known.Name
	}
	if c.Name == helpCommand.Name && len(c.Args) > 0 {
		c.HelpFor = strings.ToLower(strings.TrimPrefix(c.Args[0], "!"))
	}
	return c, true
}

// Bare is a command without its mark, as the whole message, in any case. It
// counts only in the thread of a session; "stop the server" is for Claude.
func Bare(text string) (pipeline.ChatCommand, bool) {
	word := strings.ToLower(strings.TrimSpace(text))
	for _, c := range All {
		if slices.Contains(c.Bare, word) {
			return pipeline.ChatCommand{Name: c.Name, Args: []string{}}, true
		}
	}
	return pipeline.ChatCommand{Args: []string{}}, false
}

// cutWord takes the first word off a text without leading blanks.
func cutWord(text string) (word, rest string) {
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }
