package mattermost

import (
	"hash/maphash"

	"ctpipe/internal/memory"
)

// recentSize is how many events are remembered; the server replays at most its
// queue of 256 and 128 that were in flight.
const recentSize = 4096

// recent remembers the last events, to let each through once. A server that was
// asked to resume from a number it no longer has can deliver everything twice,
// correctly numbered, on one connection.
type recent struct {
	seed  maphash.Seed
	known *memory.Recent[uint64, struct{}]
}

func newRecent(size int) *recent {
	return &recent{seed: maphash.MakeSeed(), known: memory.NewRecent[uint64, struct{}](size)}
}

// repeated reports whether the event was there before, and remembers it.
func (r *recent) repeated(f frame) bool {
	kind, id := f.identity()
	if id == nil {
		return false
	}
	var h maphash.Hash
	h.SetSeed(r.seed)
	h.WriteByte(kind)
	h.Write(id)
	return !r.known.Add(h.Sum64(), struct{}{})
}

// identity is what makes two frames the same event: the id of a new post, else
// the whole content, which holds times in milliseconds. Events without them
// (typing) have none and always pass.
func (f frame) identity() (kind byte, id []byte) {
	switch e := f.Event.(type) {
	case Posted:
		return 'p', []byte(e.Post.ID)
	case Edited:
		return 'e', f.data
	case Deleted:
		return 'd', f.data
	case ReactionAdded:
		return '+', f.data
	case ReactionRemoved:
		return '-', f.data
	}
	return 0, nil
}
