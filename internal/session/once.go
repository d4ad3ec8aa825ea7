package session

import (
	"sync"
	"time"

	"ctpipe/pipeline"
)

// onces lets something happen for a post only now and then.
type onces struct {
	every time.Duration

	mu   sync.Mutex
	last map[pipeline.PostID]time.Time
}

func newOnces(every time.Duration) *onces {
	return &onces{every: every, last: map[pipeline.PostID]time.Time{}}
}

// first reports that nothing has happened for the post within the time.
func (o *onces) first(post pipeline.PostID, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at, ok := o.last[post]; ok && now.Sub(at) < o.every {
		return false
	}
	if len(o.last) > 1000 {
		for id, at := range o.last {
			if now.Sub(at) >= o.every {
				delete(o.last, id)
			}
		}
	}
	o.last[post] = now
	return true
}
