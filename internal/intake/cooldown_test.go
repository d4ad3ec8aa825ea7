package intake

import (
	"fmt"
	"testing"
	"time"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// TestCooldown: between two times that something happens for a post lies the
// time that was said, and after it the next one does.
func TestCooldown(t *testing.T) {
	const every = time.Minute
	rapid.Check(t, func(t *rapid.T) {
		c, now, last := NewCooldown(every), time.Unix(1000, 0), map[pipeline.PostID]time.Time{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "s")) * time.Second)
			post := rapid.SampledFrom([]pipeline.PostID{"a", "b"}).Draw(t, "post")
			at, known := last[post]
			want := !known || now.Sub(at) >= every
			if got := c.First(post, now); got != want {
				t.Fatalf("%s at %v, last at %v: %v", post, now, at, got)
			}
			if want {
				last[post] = now
			}
		}
	})
	c := NewCooldown(time.Hour)
	for i := range 5 * cooldownMost {
		c.First(pipeline.PostID(fmt.Sprint(i)), time.Unix(1000, 0))
	}
	if n := c.last.Len(); n != cooldownMost {
		t.Errorf("%d posts are remembered", n)
	}
}
