package hooktrial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/internal/home"
	"ctpipe/internal/journal"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// Event is an event to try a hook on.
type Event struct {
	pipeline.Event
	recorded bool
	reads    map[string][]pipeline.Read
}

// Recorded is an event of the journal. It is judged with what the hook read
// from its memory then.
func Recorded(rec journal.Record) *Event {
	return &Event{Event: rec.Event, recorded: true, reads: rec.Reads}
}

// Decode reads an event, or a line of the journal. Where a tool call comes
// without facts, they are found as they would be for a real one, on this
// machine's disk. A field that is none is an error.
func Decode(raw []byte, mcp ...rules.MCP) (*Event, error) {
	var rec journal.Record
	if err := json.Unmarshal(raw, &rec); err == nil && rec.Event.Kind.Valid() {
		return Recorded(rec), nil
	}
	var g Event
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&g.Event); err != nil {
		return nil, fmt.Errorf("the event is none: %w", err)
	}
	if !g.Kind.Valid() {
		return nil, fmt.Errorf("the event's kind is %q; want one of %v", g.Kind, pipeline.Kinds)
	}
	if g.Time.Unix == 0 {
		g.Time = timed(g.Time.RFC3339)
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

// timed is a time that somebody wrote, or now.
func timed(rfc3339 string) pipeline.Time {
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		at = time.Now()
	}
	at = at.UTC()
	return pipeline.TimeOf(at)
}

// find adds the facts of a tool call.
func (g *Event) find(mcp []rules.MCP) error {
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
		{Name: "shell", Stage: stages.NewShell(home.Dir(), mcp...)},
		{Name: "paths", Stage: stages.NewPaths(facts.Disk{}, home.Dir())}, // it reads what shell found
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
