package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

var explainCommand = declaration{
	name: "explain",
	args: "ID | -tool 'Bash: git push -f' [-user NAME] | < event.json",
	doc:  "say why a recorded event, or a call made up here, is judged as it is",
	do:   explain,
}

// explain says how the policy comes to its verdict on one event.
func explain(c *subcommand, args []string) int {
	c.withRules()
	tool := c.flags.String("tool", "", "a call to judge, in short: \"Bash: git push -f\"")
	toolJSON := c.flags.String("tool-json", "", `a call to judge, exactly: {"name": "Bash", "input": {…}}`)
	user := c.flags.String("user", "somebody", "whose post leads to the call; a `name` of rules.toml")
	asJSON := c.flags.Bool("json", false, "print id kind verdict by why rev facts steps as JSON")
	dir := c.flags.String("state", "", "the state `directory` whose journal has the event")
	if code, done := c.parse(args, 1); done {
		return code
	}
	l := c.loader()
	p := c.policy(l)
	if p == nil {
		return exitBad
	}
	var x policy.Explanation
	var err error
	switch id := c.word(0); {
	case *tool != "" && *toolJSON != "" || id != "" && *tool+*toolJSON != "":
		err = errors.New("give one of: an event's id, -tool, -tool-json")
	case *tool != "":
		x, err = explainCall(p, *user, func() (string, map[string]any, error) { return policy.ParseTool(*tool) })
	case *toolJSON != "":
		x, err = explainCall(p, *user, func() (string, map[string]any, error) { return decodeCall(*toolJSON) })
	case id != "" && id != "-":
		x, err = c.explainID(p, *dir, id)
	default:
		x, err = explainInput(p, c.stdin)
	}
	if err != nil {
		return c.bad(err)
	}
	if x, err = x.Redacted(stages.Redactor(&stages.Build{Secrets: stages.SecretValues(os.Environ())})); err != nil {
		return c.bad(err)
	}
	if *asJSON {
		err = c.printJSON(x)
	} else {
		err = pipeline.WriteTree(c.stdout, x.Tree())
	}
	if err != nil {
		return c.bad(err)
	}
	return exitOK
}

func explainCall(p *policy.Policy, user string, call func() (string, map[string]any, error)) (policy.Explanation, error) {
	name, input, err := call()
	if err != nil {
		return policy.Explanation{}, err
	}
	ev, err := p.ToolEvent(time.Now(), rules.AbsDir(p.Config.WorkingDir), user, name, input)
	if err != nil {
		return policy.Explanation{}, err
	}
	return p.ExplainEvent(context.Background(), ev), nil
}

func decodeCall(text string) (string, map[string]any, error) {
	var call struct {
		Name  string         `json:"name"`
		Input map[string]any `json:"input"`
	}
	if err := strictJSON([]byte(text), &call); err != nil {
		return "", nil, fmt.Errorf("-tool-json: %w", err)
	}
	if call.Name == "" {
		return "", nil, errors.New(`-tool-json: want {"name": "Bash", "input": {"command": "…"}}`)
	}
	return call.Name, call.Input, nil
}

func (c *subcommand) explainID(p *policy.Policy, dir, id string) (policy.Explanation, error) {
	rec, err := c.recorded(id, dir)
	if err != nil {
		return policy.Explanation{}, err
	}
	if !policy.Replayable(&rec) {
		c.incomplete()
	}
	return p.ExplainRecord(context.Background(), &rec), nil
}

// explainInput reads an event, or a line of the journal, whose facts are then
// taken as they are.
func explainInput(p *policy.Policy, stdin io.Reader) (policy.Explanation, error) {
	raw, err := io.ReadAll(io.LimitReader(stdin, maxEventJSON+1))
	if err != nil {
		return policy.Explanation{}, fmt.Errorf("reading the event: %w", err)
	}
	if len(raw) > maxEventJSON {
		return policy.Explanation{}, fmt.Errorf("the event has more than %d bytes", maxEventJSON)
	}
	var rec journal.Record
	if err := json.Unmarshal(raw, &rec); err == nil && rec.Event.Kind.Valid() {
		return p.ExplainRecord(context.Background(), &rec), nil
	}
	var ev pipeline.Event
	if err := json.Unmarshal(raw, &ev); err != nil {
		return policy.Explanation{}, fmt.Errorf("standard input is no event: %w", err)
	}
	if !ev.Kind.Judged() || !ev.Kind.Valid() {
		return policy.Explanation{}, fmt.Errorf("standard input has no event: its kind is %q; want one of post, start, command, reaction, tool, show", ev.Kind)
	}
	if err := strictJSON(raw, &ev); err != nil {
		return policy.Explanation{}, fmt.Errorf("standard input is no event: %w", err)
	}
	return p.ExplainEvent(context.Background(), &ev), nil
}

// strictJSON decodes what a person wrote: a misspelt field is an error.
func strictJSON(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
