package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/claude"
	callfacts "ctpipe/internal/facts"
	"ctpipe/internal/journal"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// givenEvent is an event to try a hook on. A recorded one is judged with what
// the hook read from its memory then.
type givenEvent struct {
	pipeline.Event
	recorded bool
	reads    map[string][]pipeline.Read
}

func (g *givenEvent) judge(ctx context.Context, set *hooks.Set) []hooks.Result {
	if g.recorded {
		return set.Replay(ctx, &g.Event, g.reads)
	}
	return set.Run(ctx, &g.Event)
}

// event reads a file or standard input; what is neither is looked up in the
// journal.
func (c *subcommand) event(from, state string, mcp []rules.MCP) (*givenEvent, error) {
	var raw []byte
	var err error
	if from == "-" {
		raw, err = io.ReadAll(io.LimitReader(c.stdin, maxEventJSON+1))
	} else {
		raw, err = os.ReadFile(from)
	}
	switch {
	case errors.Is(err, os.ErrNotExist) && filepath.Ext(from) == "" && filepath.Base(from) == from:
		return c.recordedEvent(from, state)
	case err != nil:
		return nil, fmt.Errorf("reading the event: %w", err)
	case len(raw) > maxEventJSON:
		return nil, fmt.Errorf("the event has more than %d bytes", maxEventJSON)
	}
	return decodeEvent(raw, mcp...)
}

func (c *subcommand) recordedEvent(id, state string) (*givenEvent, error) {
	dir, err := c.stateDir(state)
	if err != nil {
		return nil, err
	}
	rec, err := journal.Find(journalDir(dir), id)
	if err != nil {
		return nil, err
	}
	if !rec.Replayable() {
		fmt.Fprintln(c.stderr, "ctpipe hook run: this record does not have everything that was judged, so what follows may differ")
	}
	return &givenEvent{Event: rec.Event, recorded: true, reads: rec.Reads}, nil
}

// strictJSON decodes what a person wrote: a misspelt field is an error.
func strictJSON(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// decodeEvent reads an event, or a line of the journal. Where a tool call
// comes without facts, they are found as they would be for a real one.
func decodeEvent(raw []byte, mcp ...rules.MCP) (*givenEvent, error) {
	var rec journal.Record
	if err := json.Unmarshal(raw, &rec); err == nil && rec.Event.Kind.Valid() {
		return &givenEvent{Event: rec.Event, recorded: true, reads: rec.Reads}, nil
	}
	var g givenEvent
	if err := strictJSON(raw, &g.Event); err != nil {
		return nil, fmt.Errorf("the event is none: %w", err)
	}
	if !g.Kind.Valid() {
		return nil, fmt.Errorf("the event's kind is %q; want one of %v", g.Kind, kindNames())
	}
	if g.Time.Unix == 0 {
		now := time.Now().UTC()
		if at, err := time.Parse(time.RFC3339, g.Time.RFC3339); err == nil {
			now = at.UTC()
		}
		g.Time = pipeline.Time{Unix: now.Unix(), RFC3339: now.Format(time.RFC3339)}
	}
	var given struct {
		Tool map[string]json.RawMessage `json:"tool"`
	}
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, err
	}
	if g.Kind == pipeline.KindTool && given.Tool["commands"] == nil && given.Tool["paths"] == nil {
		return &g, g.find(mcp)
	}
	return &g, nil
}

// find adds the facts of a tool call.
func (g *givenEvent) find(mcp []rules.MCP) error {
	home, _ := os.UserHomeDir() // without one, ~ is a dynamic word
	if g.Session.Dir == "" {
		g.Session.Dir, _ = os.Getwd() // without one, relative paths are unknown
	}
	if g.Tool.Cwd == "" {
		g.Tool.Cwd = g.Session.Dir
	}
	input, err := json.Marshal(g.Tool.Input)
	if err != nil {
		return err
	}
	g.Tool.Hash = claude.Hash(g.Tool.Name, input, g.Tool.Cwd)
	enrich := &pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{}}
	for _, link := range []pipeline.Link{
		{Name: "shell", Stage: stages.NewShell(home, mcp...)},
		{Name: "paths", Stage: stages.NewPaths(callfacts.Disk{}, home)}, // it reads what shell found
	} {
		spec, ok := stages.Find(link.Name)
		if !ok {
			return fmt.Errorf("there is no stage %s", link.Name)
		}
		link.Role, link.Produces = spec.Role, spec.Produces
		enrich.Chains[pipeline.KindTool] = append(enrich.Chains[pipeline.KindTool], link)
	}
	enrich.Judge(context.Background(), &g.Event)
	return nil
}
