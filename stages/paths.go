package stages

import (
	"context"

	"ctpipe/internal/facts"
	"ctpipe/internal/home"
	"ctpipe/pipeline"
)

// NewPaths returns the stage that resolves every path a call names, and takes
// class read from commands whose range holds a credential file or whose
// repository could run something. home is the agent's home directory.
func NewPaths(w facts.World, home string) pipeline.Stage {
	paths := facts.NewPaths(w, home)
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if r.Event.Kind == pipeline.KindTool && !r.Recorded() {
			e, ok := r.Carry.(*facts.Extraction)
			if !ok { // a chain without the shell stage
				e = facts.Extract(r.Event, home)
			}
			paths.Fill(r.Event, e)
		}
		return nil
	})
}

func newPaths(*Build) (pipeline.Stage, error) { return NewPaths(facts.Disk{}, home.Dir()), nil }
