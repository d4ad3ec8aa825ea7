package rehearsal

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes of the CLI, as recorded.
const (
	exitOK         = 0
	exitError      = 1
	exitTerminated = 143
)

// Subcommand is the hidden subcommand of ctpipe that Main is.
const Subcommand = "rehearsal-agent"

// Main runs the agent until stdin ends or a SIGTERM comes, and returns the exit
// code. args are the CLI's flags without the program's name; env is what its
// commands see.
func Main(stdin io.Reader, stdout, stderr io.Writer, args, env []string) int {
	opt, err := parse(args, env)
	if err != nil {
		fmt.Fprintln(stderr, "Error:", err)
		return exitError
	}
	if opt.version {
		fmt.Fprintln(stdout, version, "(ctpipe rehearsal agent)")
		return exitOK
	}
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(stderr, "Error: finding the working directory:", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return newAgent(opt, dir, env, stdout).run(ctx, stdin, stderr)
}
