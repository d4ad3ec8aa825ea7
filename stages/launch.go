package stages

import (
	"context"

	"ctpipe/pipeline"
)

// newLaunch opens a session for an allowed start, with what rules and hooks
// set. A rule may lower the mode that the configuration gives, never raise it.
func newLaunch(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if !r.Allowed() {
			return nil
		}
		if emptyStart(r) {
			r.Do(pipeline.Reply{Text: mentionMe})
			return nil
		}
		st := r.Event.Start
		set := r.Settings.Set
		asked := pipeline.Settings{Set: pipeline.StartSet{Dir: st.Dir, Model: st.Model, Mode: st.Mode}}
		chosen := pipeline.Settings{Set: set}
		chosen.Merge(asked)
		r.Do(pipeline.Launch{Prompt: promptOf(r), Set: chosen.Set})
		return nil
	}), nil
}

// mentionMe answers a mention that says nothing.
const mentionMe = "Mention me with your request"

func emptyStart(r *pipeline.Run) bool { return r.Text() == "" && len(r.Event.Post.Files) == 0 }
