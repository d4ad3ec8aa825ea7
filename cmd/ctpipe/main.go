// Command ctpipe runs Claude Code in chat threads under a team's own rules.
// This package is its command line: one file a subcommand, with its flags. What
// runs is wired in internal/app.
package main

import (
	"io"
	"os"

	"ctpipe/internal/claude/rehearsal"
)

// The exit codes of every subcommand.
const (
	exitOK       = 0
	exitWarnings = 1 // check -strict: only warnings; and errors at run time
	exitBad      = 2 // bad flags, bad rules, something that must be mended first
)

// commands are the subcommands that people use, in the order of usage.
var commands = []declaration{
	checkCommand,
	testCommand,
	explainCommand,
	replayCommand,
	factsCommand,
	hookRunCommand,
	hookNewCommand,
	rulesAcceptCommand,
	stagesCommand,
	versionCommand,
	helpCommand,
}

func main() {
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, commands: commands}
	os.Exit(p.run(os.Args[1:]))
}

// program is ctpipe as it was called.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	commands       []declaration
}

// run does what the arguments say, and gives the exit code.
func (p *program) run(args []string) int {
	word := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		word, args = args[0], args[1:]
	}
	switch word {
	case "":
		return p.daemon(args)
	case rehearsal.Subcommand:
		return rehearsal.Main(p.stdin, p.stdout, p.stderr, args, os.Environ())
	}
	below := p.below(word)
	if len(below) == 0 {
		return p.unknown(word)
	}
	for _, c := range below {
		if c.name == word {
			return c.do(newSubcommand(p, c), args)
		}
		if len(args) > 0 && c.name == word+" "+args[0] {
			return c.do(newSubcommand(p, c), args[1:])
		}
	}
	return p.group(word, below, args)
}
