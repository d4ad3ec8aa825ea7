package main

import (
	"fmt"
	"io"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
)

// check is the reload path without the swap: everything is read, built and
// tested.
func check(args []string, stdout, stderr io.Writer) int {
	c := newSubcommand("check", nil, stdout, stderr).withRules()
	strict := c.flags.Bool("strict", false, "exit 1 if there are warnings; an empty allow-list is an error")
	asJSON := c.flags.Bool("json", false, "print the findings as JSON")
	if code, done := c.parse(args, 0); done {
		return code
	}
	p, sources, findings := c.loader().Load()
	if *strict {
		findings = stricter(findings)
	}
	var err error
	if *asJSON {
		err = diag.JSON(stdout, findings)
	} else {
		err = diag.Print(stdout, findings, diag.Sources(sources))
	}
	if err != nil {
		return c.bad(err)
	}
	errs, warnings := diag.Count(findings)
	if p == nil && sources != nil && !policy.TestsRan(findings) && !*asJSON {
		fmt.Fprintf(stdout, "%s: tests not run: mend the errors first\n", c.rules)
	}
	switch {
	case errs > 0:
		return exitBad
	case *strict && warnings > 0:
		return exitWarnings
	}
	if !*asJSON {
		fmt.Fprintf(stdout, "%s: rev %s is good: %d rules, %d hooks, %d tests passed, %d warnings\n", c.rules,
			policy.Short(p.Snapshot.Rev), len(p.File.Rules), len(p.File.Hooks), len(p.Cases), warnings)
	}
	return exitOK
}

// stricter makes errors of the warnings that -strict does not let pass.
func stricter(findings []diag.Finding) []diag.Finding {
	out := append([]diag.Finding{}, findings...)
	for i := range out {
		if out[i].ID == "empty-allow-list" {
			out[i].Level = diag.Error
		}
	}
	return out
}
