package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/internal/hooktrial"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
)

var hookRunCommand = declaration{
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
	out := hooktrial.Run(context.Background(), script, s, ev)
	if *asJSON {
		err = out.WriteJSON(c.stdout, *trace)
	} else {
		err = out.WriteText(c.stdout, *trace)
	}
	switch {
	case err != nil:
		return c.bad(err)
	case out.Error != "":
		return exitWarnings
	}
	return exitOK
}

// event reads a file or standard input; what is neither is looked up in the
// journal.
func (c *subcommand) event(from, stateDir string, mcp []rules.MCP) (*hooktrial.Event, error) {
	var raw []byte
	var err error
	if from == "-" {
		raw, err = io.ReadAll(io.LimitReader(c.stdin, maxEventJSON+1))
	} else {
		raw, err = os.ReadFile(from)
	}
	switch {
	case errors.Is(err, os.ErrNotExist) && filepath.Ext(from) == "" && filepath.Base(from) == from:
		rec, err := c.recorded(from, stateDir)
		if err != nil {
			return nil, err
		}
		if !rec.Replayable() {
			c.incomplete()
		}
		return hooktrial.Recorded(rec), nil
	case err != nil:
		return nil, fmt.Errorf("reading the event: %w", err)
	case len(raw) > maxEventJSON:
		return nil, fmt.Errorf("the event has more than %d bytes", maxEventJSON)
	}
	return hooktrial.Decode(raw, mcp...)
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
