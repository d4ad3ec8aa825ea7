package stages

import (
	"context"

	"ctpipe/pipeline"
)

// newPrompt gives an allowed post to Claude.
func newPrompt(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if r.Allowed() {
			r.Do(promptOf(r))
		}
		return nil
	}), nil
}

func promptOf(r *pipeline.Run) pipeline.Prompt {
	return pipeline.Prompt{Text: r.Text(), Files: r.Event.Post.Files, From: r.Event.User, Post: r.Event.Post.ID}
}
