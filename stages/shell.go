package stages

import (
	"context"

	"ctpipe/internal/facts"
	"ctpipe/internal/home"
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
			e := facts.Extract(r.Event, home, mcp...)
			e.Fill(r.Event)
			r.Carry = e
		}
		return nil
	})
}

func newShell(b *Build) (pipeline.Stage, error) { return NewShell(home.Dir(), b.Rules.MCP()...), nil }
