package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

var testCommand = declaration{
	name: "test",
	args: "[-run REGEXP] [-cover] [-v]",
	doc:  "run the [[test]] tables: exit 0 passed, 2 failed",
	do:   test,
}

// test runs the [[test]] tables.
func test(c *subcommand, args []string) int {
	c.withRules()
	run := c.flags.String("run", "", "only tests whose names match this `regexp`")
	cover := c.flags.Bool("cover", false, "say which rules no test made true")
	verbose := c.flags.Bool("v", false, "list the tests that pass too")
	if code, done := c.parse(args, 0); done {
		return code
	}
	var only *regexp.Regexp
	if *run != "" {
		var err error
		if only, err = regexp.Compile(*run); err != nil {
			return c.bad(fmt.Errorf("-run: %w", err))
		}
	}
	l := c.loader()
	p := c.policy(l)
	if p == nil {
		return exitBad
	}
	report := l.Test(context.Background(), p, only)
	for _, t := range report.Results {
		if err := printTest(c.stdout, p, t, *verbose); err != nil {
			return c.bad(err)
		}
	}
	if *cover {
		if err := printCover(c.stdout, p, report); err != nil {
			return c.bad(err)
		}
	}
	passed, failed, erred := report.Count()
	fmt.Fprintf(c.stdout, "%d passed, %d failed, %d errors in %s\n", passed, failed, erred, report.Took.Round(10*time.Microsecond))
	switch {
	case failed+erred > 0:
		return exitBad
	case only != nil && passed == 0:
		return c.bad(fmt.Errorf("no test has a name that matches %s", only))
	}
	return exitOK
}

// printTest tells of a test; of one that did not pass, with its trace.
func printTest(w io.Writer, p *policy.Policy, t policy.TestResult, verbose bool) error {
	if t.Outcome == policy.Passed {
		if verbose {
			fmt.Fprintf(w, "%-5s %s (%s)\n", t.Outcome, t.Case.Name, t.Took.Round(10*time.Microsecond))
		}
		return nil
	}
	fmt.Fprintf(w, "%-5s %s\n      %s:%d: %s\n", t.Outcome, t.Case.Name, t.Case.File.Name, t.Case.Pos.Line, t.Why)
	if t.Run == nil {
		return nil
	}
	return pipeline.WriteTree(w, p.ExplainRun(t.Run).Tree())
}

func printCover(w io.Writer, p *policy.Policy, report policy.Report) error {
	missed := p.Rules.NeverTrue(report.Matched)
	if err := diag.Print(w, missed, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d rules were true in some test\n", len(p.File.Rules)-len(missed), len(p.File.Rules))
	return err
}
