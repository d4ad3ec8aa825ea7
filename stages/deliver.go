package stages

import (
	"context"

	"ctpipe/pipeline"
)

// newDeliver shows a block in the thread as the stages before have shaped it,
// or withholds it.
func newDeliver(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		verdict, top := r.Verdict()
		sh := r.Event.Show
		switch {
		case verdict >= pipeline.Ask && !r.Allowed():
			r.Do(pipeline.Withhold{Block: sh.Block, Reason: pipeline.Reasons(top), By: pipeline.Names(top), Ask: verdict == pipeline.Ask})
		default:
			r.Do(pipeline.Deliver{Block: sh.Block, Text: r.Text(), Style: r.Settings.Style, Final: sh.Final})
		}
		return nil
	}), nil
}
