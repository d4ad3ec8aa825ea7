package process

import (
	"testing"
	"time"
)

// TestIdlePlan: five minutes ahead, or at half of what is no longer than that.
func TestIdlePlan(t *testing.T) {
	for limit, ahead := range map[time.Duration]time.Duration{
		30 * time.Minute: 5 * time.Minute, 6 * time.Minute: 5 * time.Minute, 5 * time.Minute: 150 * time.Second,
		2 * time.Minute: time.Minute, 10 * time.Second: 5 * time.Second} {
		if warn, over := idlePlan(limit); over != limit || over-warn != ahead {
			t.Errorf("%v: warned at %v, over at %v", limit, warn, over)
		}
	}
}
