package stages

import (
	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// floodMark is the emoji under a post that is not run because its author writes
// too much.
const floodMark = "turtle"

// tooMuch reports a post that is one too many. No limit stands in the way of a
// command that ends something.
func tooMuch(ev *pipeline.Event) bool {
	known, _ := command.Find(ev.Command.Name)
	return ev.Post.Flood && (ev.Command.Slash || !known.Ends)
}

// refuseFlood refuses what somebody wants who writes too much, and reports that
// it did: with a mark where the limit is the reason, else without a word, or a
// refusal would be what floods the thread.
func refuseFlood(r *pipeline.Run) bool {
	if tooMuch(r.Event) {
		r.Do(pipeline.React{Emoji: floodMark})
	}
	return r.Event.Post.Flood
}
