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

// Stood reports that a post was there when something was written: written is in
// milliseconds of the server's clock, as the server says when it made that post.
func (o *Outbox) Stood(key string, written int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.find(key)
	return e != nil && !e.remove && e.id != "" && e.made <= written
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
