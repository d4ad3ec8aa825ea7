package intake

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestFloodLimit: nobody gets more through than the limit at once, and what they
// earn in the time between; nobody else pays for it.
func TestFloodLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 10).Draw(t, "limit")
		f, start := NewFloodLimit(), time.Unix(1000, 0)
		now, passed := start, map[string]int{}
		for range rapid.IntRange(1, 100).Draw(t, "posts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			who := rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "who")
			if f.Over(who, limit, now) {
				if passed[who] < limit {
					t.Fatalf("%s is stopped after %d of %d", who, passed[who], limit)
				}
				continue
			}
			passed[who]++
			if most := float64(limit) + now.Sub(start).Minutes()*float64(limit) + 1e-6; float64(passed[who]) > most {
				t.Fatalf("%s got %d through, the limit gives %g", who, passed[who], most)
			}
		}
	})
}

// TestFloodLimitChanges: 0 is no limit, and another limit holds at once.
func TestFloodLimitChanges(t *testing.T) {
	f, now := NewFloodLimit(), time.Unix(1000, 0)
	for i, c := range []struct {
		limit int
		over  bool
	}{{2, false}, {2, false}, {2, true}, {0, false}, {1, true}, {50, true}} {
		if got := f.Over("u", c.limit, now); got != c.over {
			t.Errorf("post %d under a limit of %d: %v", i, c.limit, got)
		}
	}
	if f.Over("u", 50, now.Add(3*time.Second)) {
		t.Error("the new limit gives nothing")
	}
}

// TestFloodLimitIsBounded: who is quiet is forgotten, who floods is not.
func TestFloodLimitIsBounded(t *testing.T) {
	f, now := NewFloodLimit(), time.Unix(1000, 0)
	for range 3 {
		f.Over("flooder", 2, now)
	}
	for i := range 3 * rememberedWriters {
		f.Over(fmt.Sprint(i), 2, now.Add(time.Duration(i)*time.Millisecond))
		f.Over("flooder", 2, now.Add(time.Duration(i)*time.Millisecond))
	}
	for i := range 3 * rememberedWriters {
		f.Over(fmt.Sprint("later", i), 2, now.Add(time.Hour+time.Duration(i)*time.Minute))
	}
	if n := len(f.each); n > rememberedWriters {
		t.Errorf("%d writers are remembered", n)
	}
}
