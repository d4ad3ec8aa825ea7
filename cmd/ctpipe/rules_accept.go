package main

import (
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/app"
	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

var rulesAcceptCommand = declaration{
	name: "rules accept",
	args: "REV",
	doc:  "put rules in force that were held because they let more through",
	do:   acceptRules,
}

// acceptRules puts a save in force that waits for a person, since it lets more
// through than what is in force.
func acceptRules(c *subcommand, args []string) int {
	c.withRules()
	dir := c.flags.String("state", "", "the state `directory` of the ctpipe that waits")
	if code, done := c.parse(args, 1); done {
		return code
	}
	rev := c.word(0)
	if len(rev) < 6 {
		return c.bad(errors.New("want the revision that is held, at least its first six digits, as the log says it"))
	}
	stateDir, err := app.StateDir(c.rules, *dir)
	if err != nil {
		return c.bad(err)
	}
	p, sources, findings := c.loader().Load()
	if p == nil {
		if err := diag.Print(c.stderr, findings, diag.Sources(sources)); err != nil {
			return c.bad(err)
		}
		return c.bad(fmt.Errorf("%s has errors; nothing is accepted", c.rules))
	}
	if !strings.HasPrefix(string(p.Snapshot.Rev), rev) {
		return c.bad(fmt.Errorf("%s is rev %s now, not %s; nothing is accepted", c.rules, p.Snapshot.Rev, rev))
	}
	if err := (policy.Acceptances{Dir: policy.AcceptDir(stateDir)}).Accept(sources); err != nil {
		return c.bad(err)
	}
	fmt.Fprintf(c.stdout, "rev %s is accepted: a running ctpipe puts it in force within 3 s, the next one at its start\n", pipeline.ShortRev(p.Snapshot.Rev))
	return exitOK
}
