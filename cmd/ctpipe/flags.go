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

// commands are the subcommands that people use, for usage and suggestions.
var commands = []struct{ name, doc string }{
	{"check", "check rules.toml, its scripts and tests; exit 0 good, 1 warnings with -strict, 2 errors"},
	{"test", "run the [[test]] tables: [-run REGEXP] [-cover]"},
	{"explain", "say why: ID | -tool \"Bash: git push -f\" [-user bob] | < event.json"},
	{"replay", "judge what was recorded under other rules: [-since 7d] [-rules NEW]"},
	{"facts", "what is known about a command line before it runs: 'git push -f'"},
	{"hook", "run scripts/x.lua -event e.json | new NAME -on tool: try a Lua hook, begin one"},
	{"stages", "list the stages that events pass"},
	{"rules", "accept REV: put rules in force that were held because they let more through"},
	{"version", "print version, commit and Go version"},
	{"help", "print this"},
}

// keyFlags are the flags that stand for keys of rules.toml; what they mean is
// internal/rules' table of precedence, and a test holds the two together.
var keyFlags = []struct {
	name string
	bool bool
	doc  string
}{
	{"dir", false, "where sessions work ([claude] working_dir)"},
	{"claude", false, "the claude to run, or \"rehearsal\" ([claude] command)"},
	{"permissions", false, "default, auto or bypass: what happens where no rule votes"},
	{"skip-permissions", true, "the same as -permissions bypass"},
	{"no-skip-permissions", true, "the same as -permissions default"},
	{"chrome", true, "let Claude use Chrome"},
	{"no-chrome", true, "keep Claude from using Chrome"},
	{"worktree-mode", false, "off, prompt or require"},
	{"max-sessions", false, "sessions at a time"},
	{"session-timeout", false, "how long a session may idle: 30m"},
	{"keep-alive", true, "keep the machine awake while sessions run"},
	{"no-keep-alive", true, "let the machine sleep"},
	{"debug", true, "log more"},
	{"state", false, "the state directory"},
	{"listen", false, "where the playground's page is served: 127.0.0.1:8765"},
	{"url", false, "the Mattermost server"},
	{"token", false, "the bot's token; better: token_file in rules.toml"},
	{"channel", false, "team/name or id of the channel"},
	{"bot-name", false, "the bot's user name"},
	{"allowed-users", false, "who may use it, separated by commas"},
}

// parseFlags reads the daemon's flags. Errors have been printed.
func parseFlags(args []string, stderr io.Writer) (*options, error) {
	o := &options{given: rules.Flags{}}
	fs := flag.NewFlagSet("ctpipe", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.rules, "rules", "rules.toml", "the policy `file`")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	for _, f := range keyFlags {
		if f.bool {
			fs.BoolFunc(f.name, f.doc, func(s string) error { o.given[f.name] = s; return nil })
		} else {
			fs.Func(f.name, f.doc, func(s string) error { o.given[f.name] = s; return nil })
		}
	}
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(stderr)
		return nil, errHelp
	case err == nil && fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(stderr, "ctpipe: %v%s\n\n", err, flagHint(err, fs))
		usage(stderr)
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

func didYouMean(name string) string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	if near := diag.Suggest(name, names); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// usage is the help of the program.
func usage(w io.Writer) {
	fmt.Fprint(w, `usage: ctpipe -rules rules.toml [flags]     run the daemon
       ctpipe COMMAND [flags]

commands:
`)
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.doc)
	}
	fmt.Fprint(w, "\nflags (each goes before the environment, which goes before rules.toml):\n")
	fmt.Fprintf(w, "  %-32s %s\n", "-rules FILE", "the policy (default rules.toml)")
	for _, f := range keyFlags {
		name := "-" + f.name
		if !f.bool {
			name += " VALUE"
		}
		fmt.Fprintf(w, "  %-32s %s\n", name, f.doc)
	}
}
