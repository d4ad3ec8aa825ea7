package outbox

import (
	"slices"

	"ctpipe/pipeline"
)

// Size is how many posts may still change or are yet to be made.
func (o *Outbox) Size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.entries)
}

// PostOf is the post with this key, "" while there is none.
func (o *Outbox) PostOf(key string) pipeline.PostID {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil && !e.remove {
		return pipeline.PostID(e.id)
	}
	return ""
}

// KeyOf is the key of a post that may still change, "" for any other.
func (o *Outbox) KeyOf(post pipeline.PostID) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range slices.Backward(o.entries) {
		if e.id == string(post) && e.key != "react" && !e.sealed && !e.remove {
			return e.key
		}
	}
	return ""
}
