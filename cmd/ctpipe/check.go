package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
)

// check is the reload path without the swap.
func check(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("ctpipe check", flag.ContinueOnError)
	fs.SetOutput(stderr)
	path := fs.String("rules", "rules.toml", "the policy `file`")
	strict := fs.Bool("strict", false, "exit 1 if there are warnings")
	asJSON := fs.Bool("json", false, "print the findings as JSON")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitBad
	}
	l := &policy.Loader{Path: *path, Getenv: os.LookupEnv}
	p, sources, findings := l.Load()
	if *asJSON {
		if err := diag.JSON(stdout, findings); err != nil {
			fmt.Fprintln(stderr, "ctpipe check:", err)
			return exitBad
		}
	} else if err := diag.Print(stdout, findings, diag.Sources(sources)); err != nil {
		fmt.Fprintln(stderr, "ctpipe check:", err)
		return exitBad
	}
	errs, warnings := diag.Count(findings)
	switch {
	case errs > 0:
		return exitBad
	case *strict && warnings > 0:
		return exitWarnings
	}
	if !*asJSON {
		fmt.Fprintf(stdout, "%s: rev %s is good: %d rules, %d hooks, %d tests, %d warnings\n", *path,
			policy.Short(p.Snapshot.Rev), len(p.File.Rules), len(p.File.Hooks), len(p.File.Tests), warnings)
	}
	return exitOK
}
