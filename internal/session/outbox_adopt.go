package session

import (
	"slices"

	"ctpipe/pipeline"
)

// postOf is the post with this key, "" while there is none.
func (o *Outbox) postOf(key string) pipeline.PostID {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil && !e.remove {
		return pipeline.PostID(e.id)
	}
	return ""
}

// keyOf is the key of a post that may still change, "" for any other.
func (o *Outbox) keyOf(post pipeline.PostID) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range slices.Backward(o.entries) {
		if e.id == string(post) && e.key != "react" && !e.sealed && !e.remove {
			return e.key
		}
	}
	return ""
}
