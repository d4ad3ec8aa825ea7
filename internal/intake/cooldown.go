package intake

import (
	"sync"
	"time"

	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

// cooldownMost is how many posts a Cooldown remembers.
const cooldownMost = 1000

// Cooldown lets something happen for a post only now and then. It is safe for
// concurrent use.
type Cooldown struct {
	every time.Duration

	mu   sync.Mutex
	last *memory.Recent[pipeline.PostID, time.Time]
}

// NewCooldown makes a Cooldown that lets something happen once in that time.
func NewCooldown(every time.Duration) *Cooldown {
	return &Cooldown{every: every, last: memory.NewRecent[pipeline.PostID, time.Time](cooldownMost)}
}

// First reports that nothing has happened for the post within the time.
func (c *Cooldown) First(post pipeline.PostID, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.last.Use(post); ok && now.Sub(at) < c.every {
		return false
	}
	c.last.Put(post, now)
	return true
}
