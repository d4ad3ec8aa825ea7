package stages

import (
	"strings"
	"unicode"

	"ctpipe/pipeline"
)

// Command is one of ctpipe's own chat commands.
type Command struct {
	Name     string   // canonical, without the mark
	Aliases  []string // other spellings
	Usage    string   // as it stands in !help
	Help     string   // one line
	Needs    int      // how many arguments at least; with fewer it answers its usage
	Takes    int      // how many at most; with more it answers its usage too: "!kill that job" is a sentence
	Control  bool     // it acts on the session through pipeline.Control
	Anywhere bool     // it needs no session
}

// Commands are ctpipe's own, in the order of !help. Custom commands come from
// hooks; commands of Claude's own begin with / and pass only by rule.
var Commands = []Command{
	{Name: "help", Usage: "!help", Takes: 1, Help: "this list", Anywhere: true},
	{Name: "escape", Aliases: []string{"interrupt"}, Usage: "!escape", Help: "interrupt what Claude does; the session stays", Control: true},
	{Name: "stop", Aliases: []string{"cancel"}, Usage: "!stop", Help: "end the session", Control: true},
	{Name: "permissions", Aliases: []string{"permission"}, Usage: "!permissions interactive", Needs: 1, Takes: 1, Help: "ask people again before anything runs; ends what ✅ allowed", Control: true},
	{Name: "kill", Usage: "!kill", Help: "end all sessions and ctpipe itself", Control: true, Anywhere: true},
}

// FindCommand returns a command by its name or an alias, in any case.
func FindCommand(name string) (Command, bool) {
	name = strings.ToLower(name)
	for _, c := range Commands {
		if c.Name == name {
			return c, true
		}
		for _, alias := range c.Aliases {
			if alias == name {
				return c, true
			}
		}
	}
	return Command{}, false
}

// Split parses the text of a post as a command. It is one if it begins with !
// and a letter, or with / and a letter; only people's posts are ever passed
// here (C1). Known aliases become the canonical name.
func Split(text string) (pipeline.ChatCommand, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 2 || (text[0] != '!' && text[0] != '/') || !isLetter(text[1]) {
		return pipeline.ChatCommand{}, false
	}
	word, rest := text[1:], ""
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		word, rest = word[:i], strings.TrimSpace(word[i:])
	}
	c := pipeline.ChatCommand{Name: strings.ToLower(word), Args: strings.Fields(rest), Text: rest, Slash: text[0] == '/'}
	if c.Slash && strings.ContainsRune(word, '/') {
		return pipeline.ChatCommand{}, false // a path: "/etc/hosts is odd"
	}
	if known, ok := FindCommand(c.Name); ok && !c.Slash {
		c.Name = known.Name
	}
	if c.Name == "help" && len(c.Args) > 0 {
		c.HelpFor = strings.ToLower(strings.TrimPrefix(c.Args[0], "!"))
	}
	return c, true
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }
