// Command ctpipe runs Claude Code in chat threads under a team's own rules.
// This package is the only one that knows all others.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"ctpipe/internal/claude/rehearsal"
)

// The exit codes of every subcommand.
const (
	exitOK       = 0
	exitWarnings = 1 // check -strict: only warnings; and errors at run time
	exitBad      = 2 // bad flags, bad rules, something that must be mended first
)

// rehearsalCommand is the hidden subcommand that the rehearsal agent runs as.
const rehearsalCommand = "rehearsal-agent"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main without the process, for tests.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	switch name {
	case "":
		return daemon(args, stdout, stderr)
	case "version":
		c := newSubcommand("version", nil, stdout, stderr)
		if code, done := c.parse(args, 0); done {
			return code
		}
		fmt.Fprintln(stdout, versionText())
		return exitOK
	case "check":
		return check(args, stdout, stderr)
	case "test":
		return testRules(args, stdout, stderr)
	case "explain":
		return explain(args, stdin, stdout, stderr)
	case "replay":
		return replay(args, stdout, stderr)
	case "facts":
		return facts(args, stdout, stderr)
	case "hook":
		return hookCommand(args, stdin, stdout, stderr)
	case "stages":
		return stageTable(args, stdout, stderr)
	case "rules":
		return rulesCommand(args, stdout, stderr)
	case rehearsalCommand:
		return rehearsal.Main(stdin, stdout, stderr, args, os.Environ())
	case "help":
		return helpFor(args, stdout, stderr)
	}
	return unknownCommand(name, stderr)
}

// daemon is `ctpipe -rules rules.toml`.
func daemon(args []string, stdout, stderr io.Writer) int {
	opts, err := parseFlags(args, stdout, stderr)
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		return exitBad
	case opts.version:
		fmt.Fprintln(stdout, versionText())
		return exitOK
	}
	if err := hideSecrets(opts); err != nil {
		fmt.Fprintln(stderr, "ctpipe:", err)
		return exitBad
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = serve(ctx, opts, stdout, stderr)
	var bad *setupError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &bad):
		fmt.Fprintln(stderr, "ctpipe:", err)
		return exitBad
	}
	fmt.Fprintln(stderr, "ctpipe:", err)
	return exitWarnings
}

// setupError is something that must be mended before ctpipe can run.
type setupError struct{ error }

func (e *setupError) Unwrap() error { return e.error }
