package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
)

// declaration is a subcommand, declared in the file that does it.
type declaration struct {
	name string // of two words: a command of its own below the first
	args string // what it takes, for usage
	doc  string
	do   func(c *subcommand, args []string) int // gives the exit code
}

// subcommand is a command as it was called: its flags and words, and what the
// commands that look at a policy share.
type subcommand struct {
	declaration
	*program
	flags *flag.FlagSet
	words []string // what is no flag
	rules string
}

func newSubcommand(p *program, c declaration) *subcommand {
	flags := flag.NewFlagSet("ctpipe "+c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return &subcommand{declaration: c, program: p, flags: flags}
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
	fmt.Fprintln(w, strings.TrimRight("usage: ctpipe "+c.name+" "+c.args, " "))
	fmt.Fprintln(w, "       "+c.doc)
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
	fmt.Fprintf(c.stderr, "ctpipe %s: %s cannot be used: %s\n", c.name, c.rules, diag.ErrorCount(findings))
	return nil
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

// printJSON writes a value for programs, as people can read it too.
func (c *subcommand) printJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
