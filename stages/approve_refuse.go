package stages

import (
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// refuseReaction says why a reaction does not count, where a rule says so. A
// reaction that means nothing, one that is taken back, and what nobody has a
// reason for stay silent: people click on posts for many reasons.
func refuseReaction(r *pipeline.Run) {
	ev := r.Event
	verdict, top := r.Verdict()
	if verdict != pipeline.Deny || ev.Reaction.Meaning == "other" || !ev.Reaction.Added {
		return
	}
	var said []pipeline.Vote
	for _, v := range top {
		if v.Source == pipeline.SourceFloor {
			return
		}
		if v.Source == pipeline.SourceRule && v.Err == "" {
			said = append(said, v)
		}
	}
	if why := Reasons(said); why != "" {
		r.Do(pipeline.Reply{Text: marked(markdown.Inert(why))})
	}
}
