package session

import "ctpipe/pipeline"

// entitled is the last check before Claude: whatever stage, hook or mistake asked
// for it, nothing of what people do starts or feeds a session unless its own run
// allowed it, and for a person whom the server knows.
func entitled(r *pipeline.Run) bool {
	switch r.Event.Kind {
	case pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand, pipeline.KindReaction:
	default:
		return true
	}
	u := r.Event.User
	return r.Allowed() && u.ID != "" && !u.Bot && u.Active
}
