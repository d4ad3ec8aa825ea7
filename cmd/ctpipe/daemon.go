package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"ctpipe/internal/app"
	"ctpipe/internal/rules"
	"ctpipe/internal/secrets"
)

// daemon is `ctpipe -rules rules.toml`.
func (p *program) daemon(args []string) int {
	o, asked, err := p.daemonFlags(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.usage()
		return exitOK
	case err != nil:
		return exitBad
	case asked:
		fmt.Fprintln(p.stdout, versionText())
		return exitOK
	}
	if err := hideSecrets(&o); err != nil {
		fmt.Fprintln(p.stderr, "ctpipe:", err)
		return exitBad
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = app.Serve(ctx, o)
	var bad *app.SetupError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &bad):
		fmt.Fprintln(p.stderr, "ctpipe:", err)
		return exitBad
	}
	fmt.Fprintln(p.stderr, "ctpipe:", err)
	return exitWarnings
}

// hideSecrets takes tokens off the command line and out of the environment.
func hideSecrets(o *app.Options) (err error) {
	if o.Env, err = secrets.Hide(o.Rules, o.Flags["token"]); err != nil {
		return err
	}
	if token := o.Env.FlagToken(); token != "" {
		o.Flags["token"] = token
	}
	return nil
}

// keyFlags are the flags that stand for keys of rules.toml; what they mean is
// internal/rules' table of precedence, and a test holds the two together.
var keyFlags = []struct {
	name  string
	value string // what it takes, for usage; "" is a switch
	doc   string
}{
	{"dir", "DIR", "where sessions work ([claude] working_dir)"},
	{"claude", "COMMAND", "the claude to run, or \"rehearsal\" ([claude] command)"},
	{"permissions", "MODE", "what happens where no rule votes: default (people are asked), auto or bypass"},
	{"skip-permissions", "", "the same as -permissions bypass"},
	{"no-skip-permissions", "", "the same as -permissions default"},
	{"chrome", "", "let Claude use Chrome"},
	{"no-chrome", "", "keep Claude from using Chrome"},
	{"worktree-mode", "MODE", "whether people are asked where a session works: off, prompt or require"},
	{"max-sessions", "N", "how many sessions run at a time (5)"},
	{"session-timeout", "DURATION", "after how long an idle session is paused, as 30m (the default); 0 is never"},
	{"keep-alive", "", "keep the machine awake while sessions run (read, but does nothing yet)"},
	{"no-keep-alive", "", "the contrary (does nothing yet)"},
	{"debug", "", "log more ([log] level = \"debug\")"},
	{"state", "DIR", "where sessions and the journal are kept ($XDG_STATE_HOME/ctpipe)"},
	{"listen", "ADDRESS", "where the playground's page is served (127.0.0.1:8765)"},
	{"url", "URL", "the Mattermost server"},
	{"token", "TOKEN", "the bot's token; others see it in the list of processes: prefer the variable, or token_file in rules.toml"},
	{"channel", "CHANNEL", "the channel, as team/name or its id"},
	{"bot-name", "NAME", "the bot's user name"},
	{"allowed-users", "NAMES", "who may use it, separated by commas; without it everybody in the channel"},
}

// daemonFlags reads the daemon's flags. Errors have been printed, but for
// flag.ErrHelp.
func (p *program) daemonFlags(args []string) (o app.Options, asked bool, err error) {
	o = app.Options{Flags: rules.Flags{}, Version: version, Stdout: p.stdout, Stderr: p.stderr}
	fs := flag.NewFlagSet("ctpipe", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.Rules, "rules", "rules.toml", "the policy `file`")
	fs.BoolVar(&asked, "version", false, "print the version and exit")
	for _, f := range keyFlags {
		if f.value == "" {
			fs.BoolFunc(f.name, f.doc, func(s string) error { o.Flags[f.name] = s; return nil })
		} else {
			fs.Func(f.name, f.doc, func(s string) error { o.Flags[f.name] = s; return nil })
		}
	}
	err = fs.Parse(args)
	if err == nil && fs.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(p.stderr, "ctpipe: %v%s; ctpipe -h lists the flags\n", err, flagHint(err, fs))
	}
	return o, asked, err
}
