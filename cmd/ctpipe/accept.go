package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
)

// rulesCommand is `ctpipe rules accept REV`: it puts a save in force that waits
// for a person, since it lets more through than what is in force.
func rulesCommand(args []string, stdout, stderr io.Writer) int {
	c := newSubcommand("rules accept", nil, stdout, stderr).withRules()
	dir := c.flags.String("state", "", "the state `directory` of the ctpipe that waits")
	if len(args) == 0 || args[0] != "accept" {
		return group("rules", args, stdout, stderr)
	}
	if code, done := c.parse(args[1:], 1); done {
		return code
	}
	rev := c.word(0)
	if len(rev) < 6 {
		return c.bad(errors.New("want the revision that is held, at least its first six digits, as the log says it"))
	}
	stateDir, err := c.stateDir(*dir)
	if err != nil {
		return c.bad(err)
	}
	p, sources, findings := c.loader().Load()
	if p == nil {
		if err := diag.Print(stderr, findings, diag.Sources(sources)); err != nil {
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
	fmt.Fprintf(stdout, "rev %s is accepted: a running ctpipe puts it in force within 3 s, the next one at its start\n", policy.Short(p.Snapshot.Rev))
	return exitOK
}
