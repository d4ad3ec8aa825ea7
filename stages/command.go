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
	Takes    int      // how many at most, or anyText; with more it answers its usage too: "!kill that job" is a sentence
	Control  bool     // it acts on the session through pipeline.Control
	Claudes  bool     // it goes to Claude's own command of the same name
	Anywhere bool     // it needs no session
	Alone    bool     // it needs no mention outside a session
}

// anyText takes any number of arguments: what follows is one text.
const anyText = 1 << 20

// Commands are ctpipe's own, in the order of !help. Custom commands come from
// hooks; commands of Claude's own begin with / and pass only by rule. Who may
// run which is said by rules.toml alone.
var Commands = []Command{
	{Name: "help", Usage: "!help [command]", Takes: 1, Help: "this list, or what one command does", Anywhere: true, Alone: true},
	{Name: "release-notes", Aliases: []string{"changelog"}, Usage: "!release-notes", Help: "what is new in this version (also `!changelog`)", Anywhere: true},
	{Name: "context", Usage: "!context", Help: "how full Claude's context is", Claudes: true},
	{Name: "cost", Usage: "!cost", Help: "what the session has cost", Claudes: true},
	{Name: "compact", Usage: "!compact [what to keep]", Takes: anyText, Help: "make room in Claude's context", Claudes: true},
	{Name: "cd", Usage: "!cd <path>", Needs: 1, Takes: anyText, Help: "go on in another directory, with a fresh conversation", Control: true},
	{Name: "worktree", Usage: "!worktree <branch>|list|switch|remove|off", Needs: 1, Takes: 3, Help: "go on in a worktree of a branch's own; list, change and remove worktrees", Control: true},
	{Name: "invite", Usage: "!invite @user", Needs: 1, Takes: 1, Help: "let somebody take part in this session", Control: true},
	{Name: "kick", Usage: "!kick @user", Needs: 1, Takes: 1, Help: "end an invitation, with its open votes and grants", Control: true},
	{Name: "permissions", Aliases: []string{"permission"}, Usage: "!permissions interactive", Needs: 1, Takes: 1, Help: "ask people again before anything runs; ends what ✅ allowed", Control: true},
	{Name: "approve", Usage: "!approve [id] [other command]", Takes: anyText, Help: "👍 in words; or run this instead, which is judged again", Control: true},
	{Name: "deny", Usage: "!deny [id] [reason]", Takes: anyText, Help: "👎 in words; Claude reads the reason", Control: true},
	{Name: "grants", Usage: "!grants", Help: "what ✅ allowed for this session", Control: true},
	{Name: "revoke", Usage: "!revoke [id|all]", Takes: 1, Help: "end what ✅ allowed", Control: true},
	{Name: "model", Usage: "!model [name]", Takes: 1, Help: "which model runs, or another one from now on", Control: true},
	{Name: "verbosity", Usage: "!verbosity [full|line|fold|file|hidden|default]", Takes: 1, Help: "how much of Claude's tool calls the thread shows", Control: true},
	{Name: "why", Usage: "!why [id|last]", Takes: 1, Help: "why something was allowed, asked or refused; ❓ on a card or a tool line asks the same", Control: true, Anywhere: true},
	{Name: "status", Usage: "!status", Help: "what runs here, and how it is doing", Control: true, Anywhere: true},
	{Name: "rules", Usage: "!rules", Help: "which rules are in force, and what on disk is not", Control: true, Anywhere: true},
	{Name: "escape", Aliases: []string{"interrupt"}, Usage: "!escape", Help: "interrupt what Claude does; the session stays (also `!interrupt`)", Control: true},
	{Name: "stop", Aliases: []string{"cancel"}, Usage: "!stop", Help: "end the session (also `!cancel`, or just `stop`)", Control: true},
	{Name: "kill", Usage: "!kill", Help: "end all sessions and ctpipe itself", Control: true, Anywhere: true, Alone: true},
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

// Fits reports whether a command takes that many arguments.
func (c Command) Fits(args int) bool { return c.Needs <= args && args <= c.Takes }

// Split parses the text of a post as a command. It is one if it begins with !
// and a letter, or with / and a letter. Whose post it is does not matter here:
// the floor denies the commands of everybody but people (C1). Known aliases
// become the canonical name.
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

// bareWords are the commands that need no mark in a session's thread.
var bareWords = map[string]string{"stop": "stop", "cancel": "stop", "help": "help"}

// Bare is a command without its mark: stop, cancel or help as the whole
// message, in any case (FUN-15). It counts only in the thread of a session;
// "stop the server" is for Claude.
func Bare(text string) (pipeline.ChatCommand, bool) {
	name, ok := bareWords[strings.ToLower(strings.TrimSpace(text))]
	return pipeline.ChatCommand{Name: name, Args: []string{}}, ok
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }
