package stages

import (
	"ctpipe/internal/markdown"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// tell adds what rules on a notice have to say. The rule's own text stays as
// its author wrote it, and may name somebody; values of the event are inert.
func tell(r *pipeline.Run, out *rules.Outcome) {
	for _, reply := range out.Replies {
		r.Do(pipeline.Reply{Text: reply.Text(markdown.Plain)})
	}
	if len(out.Labels) == 0 {
		return
	}
	given := map[string]bool{}
	for _, l := range out.Labels {
		if !given[l.Key] {
			given[l.Key] = true
			r.Do(pipeline.Label{Key: l.Key, Value: l.Value})
		}
	}
}
