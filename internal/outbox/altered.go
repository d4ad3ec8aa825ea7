package outbox

import (
	"hash/maphash"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// sentMost is how many of a post's texts are remembered: the server tells of
// each edit, also of ours, and not at once.
const sentMost = 16

var sentSeed = maphash.MakeSeed()

// note remembers a text that a post of ours may have: as it was sent, and as
// the server answered that it stands, which a plugin may have changed.
func (o *Outbox) note(key, text string, busy bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.find(key); e != nil {
		e.sent = append(e.sent, fingerprint(text))
		e.sent = e.sent[max(0, len(e.sent)-sentMost):]
		e.busy = busy
	}
}

func fingerprint(text string) uint64 { return maphash.String(sentSeed, strings.TrimSpace(text)) }

// Altered reports that a post which may still change has a text that this
// outbox never gave it: somebody else has edited it. Busy says that nobody knows
// yet, since an edit of ours is on its way.
func (o *Outbox) Altered(key string, post pipeline.PostID, text string) (altered, busy bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.find(key)
	if e == nil || e.id != string(post) || e.sealed || e.remove || len(e.sent) == 0 || slices.Contains(e.sent, fingerprint(text)) {
		return false, false
	}
	return !e.busy, e.busy
}
