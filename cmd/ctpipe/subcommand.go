package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/state"
)

// subcommand is what the commands that look at a policy share.
type subcommand struct {
	name           string
	flags          *flag.FlagSet
	words          []string // what is no flag
	rules          string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func newSubcommand(name string, stdin io.Reader, stdout, stderr io.Writer) *subcommand {
	c := &subcommand{name: name, flags: flag.NewFlagSet("ctpipe "+name, flag.ContinueOnError), stdin: stdin, stdout: stdout, stderr: stderr}
	c.flags.SetOutput(io.Discard)
	return c
}

// withRules adds -rules.
func (c *subcommand) withRules() *subcommand {
	c.flags.StringVar(&c.rules, "rules", "rules.toml", "the policy `file`")
	return c
}

// parse reads the flags, which may stand behind the words too; done means that
// code is the whole answer.
func (c *subcommand) parse(args []string, most int) (code int, done bool) {
	err := c.read(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.usage(c.stdout)
		return exitOK, true
	case err == nil && len(c.words) > most:
		err = fmt.Errorf("unexpected argument %q", c.words[most])
	}
	if err != nil {
		fmt.Fprintf(c.stderr, "ctpipe %s: %v%s; ctpipe %s -h lists the flags\n", c.name, err, flagHint(err, c.flags), c.name)
		return exitBad, true
	}
	return exitOK, false
}

// read sorts the arguments into flags and words; behind -- all are words.
func (c *subcommand) read(args []string) error {
	for {
		if err := c.flags.Parse(args); err != nil {
			return err
		}
		rest := c.flags.Args()
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" {
			c.words = append(c.words, rest...)
			return nil
		}
		if len(rest) == 0 {
			return nil
		}
		c.words, args = append(c.words, rest[0]), rest[1:]
	}
}

// word is the n-th word, "" if there are fewer.
func (c *subcommand) word(n int) string {
	if n < len(c.words) {
		return c.words[n]
	}
	return ""
}

func (c *subcommand) usage(w io.Writer) {
	for _, known := range commands {
		if known.name == c.name {
			fmt.Fprintln(w, strings.TrimRight("usage: ctpipe "+c.name+" "+known.args, " "))
			fmt.Fprintln(w, "       "+known.doc)
		}
	}
	c.flags.SetOutput(w)
	c.flags.PrintDefaults()
}

// bad reports something that must be mended first.
func (c *subcommand) bad(err error) int {
	fmt.Fprintf(c.stderr, "ctpipe %s: %v\n", c.name, err)
	return exitBad
}

// loader reads the policy of -rules; hooks get an empty memory of their own.
func (c *subcommand) loader() *policy.Loader {
	return &policy.Loader{Path: c.rules, Getenv: os.LookupEnv, Store: &hooks.Memory{}}
}

// policy builds the policy of -rules, whose tests need not pass; nil after its
// errors were printed.
func (c *subcommand) policy(l *policy.Loader) *policy.Policy {
	p, sources, findings := l.LoadUntested()
	if p != nil {
		return p
	}
	if err := diag.Print(c.stderr, findings, diag.Sources(sources)); err != nil {
		c.bad(err)
	}
	fmt.Fprintf(c.stderr, "ctpipe %s: %s cannot be used: %s\n", c.name, c.rules, countErrors(findings))
	return nil
}

// countErrors is "1 error", "2 errors".
func countErrors(findings []diag.Finding) string {
	errs, _ := diag.Count(findings)
	if errs == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", errs)
}

// stateDir finds the state directory as the daemon does: the flag, then
// CTPIPE_STATE, then what the last accepted policy said, then [state] dir, then
// the default.
func (c *subcommand) stateDir(given string) (string, error) {
	flags := rules.Flags{}
	if given != "" {
		flags["state"] = given
	}
	src, err := os.ReadFile(c.rules)
	if err != nil && given == "" {
		src = nil // the environment and the default are left
	}
	file, _ := rules.Parse(filepath.Base(c.rules), src)
	if abs, err := filepath.Abs(c.rules); err == nil && pinBase(given) != "" {
		if pinned, err := state.Pinned(pinBase(given), abs); err == nil && pinned != "" {
			return pinned, nil // the file may name another one, and wait for that
		}
	}
	config, _ := rules.Resolve(file, flags, os.LookupEnv)
	if dir := expandHome(config.StateDir); dir != "" {
		return filepath.Abs(dir)
	}
	return state.DefaultDir(os.Getenv)
}

// age reads a duration that may be in days: 7d, 36h.
func age(s string) (time.Duration, error) {
	var days float64
	if n, err := fmt.Sscanf(s, "%fd", &days); n == 1 && err == nil && s[len(s)-1] == 'd' && days >= 0 {
		return time.Duration(days * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no duration; want something like 7d or 36h", s)
	}
	return d, nil
}
