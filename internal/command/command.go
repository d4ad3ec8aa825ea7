package command

import (
	"context"
	"strings"

	"ctpipe/pipeline"
)

// Command is one of ctpipe's own chat commands. It has either Answer or Do.
type Command struct {
	Name     string   // canonical, without the mark
	Aliases  []string // other spellings
	Bare     []string // words that are the command without its mark, as the whole message in a session's thread
	Usage    string   // as it stands in !help
	Help     string   // one line
	Needs    int      // how many arguments at least; with fewer it answers its usage
	Takes    int      // how many at most, or anyText; with more it answers its usage too: "!kill that job" is a sentence
	Anywhere bool     // it needs no session
	Alone    bool     // it needs no mention outside a session
	Cards    bool     // it needs no session where a card is open: one that a start waits for
	Ends     bool     // it ends something: it overtakes what waits in its thread, and no limit stands in its way
	Quiet    bool     // as a reaction where no session is it says nothing: two people gave it at once, or somebody tidies up

	// Answer says what becomes of the command where that needs no session: a
	// text, or a prompt for Claude.
	Answer func(Request) pipeline.Effect
	// Do acts on the thread's session or on its host. The thread's lane calls
	// it, so it must not wait for people nor for Claude.
	Do func(context.Context, Call)
	// Leads, which may be nil, says where the command would take a session; it
	// changes nothing.
	Leads func(context.Context, pipeline.ChatCommand, Going) Destination
	// Start, which may be nil, says how the command shapes a session before it
	// starts.
	Start *Start
}

// anyText takes any number of arguments: what follows is one text.
const anyText = 1 << 20

// All are the commands, in the order of !help. Custom commands come from hooks;
// commands of Claude's own begin with / and pass only by rule.
var All = []Command{
	helpCommand,
	releaseNotesCommand,
	contextCommand,
	costCommand,
	compactCommand,
	cdCommand,
	worktreeCommand,
	inviteCommand,
	kickCommand,
	permissionsCommand,
	approveCommand,
	denyCommand,
	grantsCommand,
	revokeCommand,
	modelCommand,
	verbosityCommand,
	whyCommand,
	statusCommand,
	rulesCommand,
	escapeCommand,
	stopCommand,
	killCommand,
}

// Find returns a command by its name or an alias, in any case.
func Find(name string) (Command, bool) {
	name = strings.ToLower(name)
	for _, c := range All {
		for _, known := range c.names() {
			if known == name {
				return c, true
			}
		}
	}
	return Command{}, false
}

// Names are the names and aliases of all commands: no custom command may have
// one of them.
func Names() []string {
	var names []string
	for _, c := range All {
		names = append(names, c.names()...)
	}
	return names
}

func (c Command) names() []string { return append([]string{c.Name}, c.Aliases...) }

// Fits reports whether the command takes that many arguments.
func (c Command) Fits(args int) bool { return c.Needs <= args && args <= c.Takes }

// Request is a command that may be used.
type Request struct {
	Command pipeline.ChatCommand
	By      pipeline.User
	Raise   pipeline.Mode // how far rules let this person raise the mode; "" not at all
	Own     []Command     // ctpipe's commands, for !help
	Custom  []Custom
}

// Custom is a command that a hook brings.
type Custom struct{ Name, Help string }

// Effect is what becomes of a command that may be used: its answer, or what is
// to be done, by the command's name.
func (c Command) Effect(r Request) pipeline.Effect {
	switch {
	case !c.Fits(len(r.Command.Args)):
		return pipeline.Reply{Text: "Usage: `" + c.Usage + "`"}
	case c.Answer != nil:
		return c.Answer(r)
	}
	return pipeline.Control{What: c.Name, Args: r.Command.Args, Text: r.Command.Text, Dir: r.Command.Dir, By: r.By, Raise: r.Raise}
}
