package stages

import (
	"context"
	"os"
	"slices"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// NewShell returns the stage that finds out what a call would start: commands,
// hosts, what is fed to an interpreter, and whether something stays hidden.
// home is what ~ stands for in the agent's shell; mcp says what the arguments
// of MCP tools are.
func NewShell(home string, mcp ...rules.MCP) pipeline.Stage {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if r.Event.Kind == pipeline.KindTool && !r.Recorded() {
			e := extract(r.Event, home, mcp...)
			shellFacts(r.Event, e)
			r.Carry = &e
		}
		return nil
	})
}

func newShell(b *Build) (pipeline.Stage, error) { return NewShell(homeDir(), b.Rules.MCP()...), nil }

func homeDir() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "" // ~ is then a dynamic word
	}
	return home
}

func shellFacts(ev *pipeline.Event, e extraction) {
	t := &ev.Tool
	t.Commands, t.Hosts, t.Pipe = e.facts.Commands, e.facts.Hosts, e.facts.Pipe
	for _, h := range e.hosts {
		if !slices.Contains(t.Hosts, h) {
			t.Hosts = append(t.Hosts, h)
		}
	}
	t.SQL = e.sql
	if server, tool, ok := mcpName(t.Name); ok {
		t.MCP = pipeline.MCP{Server: server, Tool: tool}
	}
	t.Opaque, t.Why = e.facts.Opaque, e.facts.Why
	if e.opaque != "" && !t.Opaque {
		t.Opaque, t.Why = true, e.opaque
	}
	if e.noCommands || e.facts.Unknown {
		unknownFact(ev, "tool.commands")
		unknownFact(ev, "tool.pipe")
		t.Opaque = true
	}
	if e.noHosts || e.facts.Unknown {
		unknownFact(ev, "tool.hosts")
	}
}

// unknownFact adds a path to the facts that nobody could establish.
func unknownFact(ev *pipeline.Event, path string) {
	if !slices.Contains(ev.Unknown, path) {
		ev.Unknown = append(ev.Unknown, path)
	}
}
