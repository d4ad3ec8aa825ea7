package outbox

// Draft is what a post shall be, as plain data.
type Draft struct {
	Text  string
	Props map[string]any // nil keeps what was given before; they are set when the post is made
	Seeds []string       // emoji that ctpipe sets under it, in order
	// Watched has Config.Ready called once per post, when its seeds are set.
	Watched bool
	// Files go with the post when it is made: the first that are given, so that
	// later drafts may leave them out. Where the server does not take one, the
	// post is made without any, and says so below its text.
	Files []Attachment
	// Unsent is the text in that case, "" for Text.
	Unsent string
}

// Change is one thing to do to the post with a key. A Draft is put first; then
// the post is removed or sealed.
type Change struct {
	Key    string
	Put    *Draft // what the post shall be; nil leaves it
	Remove bool   // it is deleted, or never made
	Seal   bool   // it stays as it was last put
}

// Apply does changes in order.
func (o *Outbox) Apply(changes ...Change) {
	for _, c := range changes {
		if c.Put != nil {
			o.Put(c.Key, *c.Put)
		}
		if c.Remove {
			o.Remove(c.Key)
		}
		if c.Seal {
			o.Seal(c.Key)
		}
	}
}

// Props mark a post as ctpipe's own, and as what: no text of Claude's can set
// them, so they tell a card from its imitation. With unsafe_links a
// Mattermost server that knows it (10 and later) fetches no previews for a post:
// otherwise an address with a secret in it would be fetched without a click.
func Props(kind string) map[string]any {
	p := map[string]any{"from_bot": "true", "ctpipe": kind}
	if kind != "notice" {
		p["unsafe_links"] = "true"
	}
	return p
}
