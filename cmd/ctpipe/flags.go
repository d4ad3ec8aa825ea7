package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
)

// options are what the command line says.
type options struct {
	rules   string
	version bool
	given   rules.Flags // flags that stand for keys of rules.toml, as written
}

var errHelp = errors.New("help was asked for")

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

// parseFlags reads the daemon's flags. Errors have been printed.
func parseFlags(args []string, stdout, stderr io.Writer) (*options, error) {
	o := &options{given: rules.Flags{}}
	fs := flag.NewFlagSet("ctpipe", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.rules, "rules", "rules.toml", "the policy `file`")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	for _, f := range keyFlags {
		if f.value == "" {
			fs.BoolFunc(f.name, f.doc, func(s string) error { o.given[f.name] = s; return nil })
		} else {
			fs.Func(f.name, f.doc, func(s string) error { o.given[f.name] = s; return nil })
		}
	}
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(stdout)
		return nil, errHelp
	case err == nil && fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(stderr, "ctpipe: %v%s; ctpipe -h lists the flags\n", err, flagHint(err, fs))
		return nil, err
	}
	return o, nil
}

// flagHint suggests a flag for one that is not defined.
func flagHint(err error, fs *flag.FlagSet) string {
	_, name, ok := strings.Cut(err.Error(), "not defined: -")
	if !ok {
		return ""
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := diag.Suggest(strings.TrimLeft(name, "-"), names); near != "" {
		return fmt.Sprintf(" (did you mean -%s?)", near)
	}
	return ""
}
