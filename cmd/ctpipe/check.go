package main

import (
	"fmt"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

var checkCommand = declaration{
	name: "check",
	args: "[-strict] [-json]",
	doc:  "check rules.toml, its scripts and its tests: exit 0 good, 1 warnings with -strict, 2 errors",
	do:   check,
}

// check is the reload path without the swap: everything is read, built and
// tested.
func check(c *subcommand, args []string) int {
	c.withRules()
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
		err = diag.JSON(c.stdout, findings)
	} else {
		err = diag.Print(c.stdout, findings, diag.Sources(sources))
	}
	if err != nil {
		return c.bad(err)
	}
	errs, warnings := diag.Count(findings)
	if p == nil && sources != nil && !policy.TestsRan(findings) && !*asJSON {
		fmt.Fprintf(c.stdout, "%s: tests not run: mend the errors first\n", c.rules)
	}
	switch {
	case errs > 0:
		return exitBad
	case *strict && warnings > 0:
		return exitWarnings
	}
	if !*asJSON {
		fmt.Fprintf(c.stdout, "%s: rev %s is good: %d rules, %d hooks, %d tests passed, %d warnings\n", c.rules,
			pipeline.ShortRev(p.Snapshot.Rev), len(p.File.Rules), len(p.File.Hooks), len(p.Cases), warnings)
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
