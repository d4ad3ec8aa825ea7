package outbox

import (
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Draft is what a post shall be.
type Draft struct {
	Text  string
	Props map[string]any // nil keeps what was given before; they are set when the post is made
	Seeds []string       // emoji that ctpipe sets under it, in order
	// Ready, if given, is called once per post, when its seeds are set: with its
	// id and with what others had reacted by then (SEC-05).
	Ready func(pipeline.PostID, []mattermost.Reaction)
	// Refused, if given, is called when the server will never take the post.
	Refused func(error)
	// Files go with the post when it is made: the first that are given, so that
	// later drafts may leave them out. Where the server does not take one, the
	// post is made without any, and says so below its text.
	Files []Attachment
	// Unsent is the text in that case, "" for Text.
	Unsent string
}

// Props mark a post as ctpipe's own, and as what: no text of Claude's can set
// them, so they tell a card from its imitation (A5). With unsafe_links a
// Mattermost server that knows it (10 and later) fetches no previews for a post:
// an address with a secret in it would be asked for with nobody clicking (D6).
func Props(kind string) map[string]any {
	p := map[string]any{"from_bot": "true", "ctpipe": kind}
	if kind != "notice" {
		p["unsafe_links"] = "true"
	}
	return p
}
