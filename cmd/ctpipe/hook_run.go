package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
)

var hookRunCommand = command{
	name: "hook run",
	args: "scripts/NAME.lua -event FILE|ID|-",
	doc:  "judge one event by one Lua hook: exit 0 judged, 1 it failed, 2 it cannot be run",
	do:   hookRun,
}

// hookRun judges one event by one script, without the chat: exit 0 judged, 1
// the hook failed, 2 it cannot be run.
func hookRun(c *subcommand, args []string) int {
	c.flags.StringVar(&c.rules, "rules", "", "the policy `file` (default: rules.toml beside the script's folder)")
	event := c.flags.String("event", "", "the event: a `file`, - for standard input, or the id of a recorded one")
	dir := c.flags.String("state", "", "the state `directory` whose journal has the event")
	trace := c.flags.Bool("trace", false, "also print what it logs, reads and would remember")
	asJSON := c.flags.Bool("json", false, "print verdict why error took effects as JSON")
	code, done := c.parse(args, 1)
	script := c.word(0)
	switch {
	case done:
		return code
	case script == "" || *event == "":
		return c.bad(errors.New("want a script and an event: ctpipe hook run scripts/x.lua -event event.json"))
	}
	s, err := c.script(script)
	if err != nil {
		return c.bad(err)
	}
	if s.Hooks == nil {
		return c.unusable(script, s)
	}
	ev, err := c.event(*event, *dir, s.MCP)
	if err != nil {
		return c.bad(err)
	}
	out := outcome{Script: script, Kind: ev.Kind, Listed: s.Listed, Verdict: "abstain"}
	for _, res := range ev.judge(context.Background(), s.Hooks) { // of this one script
		out.take(res)
	}
	if *asJSON {
		err = out.json(c.stdout, *trace)
	} else {
		err = out.print(c.stdout, *trace)
	}
	switch {
	case err != nil:
		return c.bad(err)
	case out.Error != "":
		return exitWarnings
	}
	return exitOK
}

// script builds a script by the rules.toml that would list it.
func (c *subcommand) script(path string) (policy.Script, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return policy.Script{}, err
	}
	c.rules = cmp.Or(c.rules, filepath.Join(filepath.Dir(filepath.Dir(abs)), "rules.toml"))
	root, err := filepath.Abs(filepath.Dir(c.rules))
	if err != nil {
		return policy.Script{}, err
	}
	name, err := filepath.Rel(root, abs)
	if err != nil {
		return policy.Script{}, err
	}
	l := c.loader()
	l.Store = &hooks.Memory{}
	return l.Script(name)
}

func (c *subcommand) unusable(script string, s policy.Script) int {
	if err := diag.Print(c.stderr, s.Findings, diag.Sources(s.Sources)); err != nil {
		return c.bad(err)
	}
	errs, _ := diag.Count(s.Findings)
	return c.bad(fmt.Errorf("%s cannot be run: %d errors", script, errs))
}
