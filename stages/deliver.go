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
		case r.Shown.Style == "" && r.Forms.Texts != nil: // no stage has shaped it
			style, text, _ := r.Forms.Pick(r.Settings.Style, sh.Verbosity)
			r.Do(pipeline.Deliver{Block: sh.Block, Text: text, Style: style, Final: sh.Final})
		default:
			r.Do(pipeline.Deliver{Block: sh.Block, Text: r.Text(), Style: r.Shown.Style, Files: r.Shown.Files, Final: sh.Final})
		}
		return nil
	}), nil
}
