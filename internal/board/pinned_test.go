package board

import (
	"testing"
	"time"

	"ctpipe/internal/mattermost"

	"pgregory.net/rapid"
)

// TestDecide covers STR-13: what becomes of the pinned post, by what is known of
// it and what the channel shall show.
func TestDecide(t *testing.T) {
	stands := pinned{post: "p", text: "old", made: 100, found: true}
	with := func(change func(*pinned)) pinned {
		p := stands
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		known pinned
		aim   aim
		do    action
		again time.Duration
	}{
		"no session yet":           {pinned{}, aim{"new", false, true}, leave, 0},
		"the first session":        {pinned{}, aim{"new", true, true}, remake, busyTick},
		"no list is wanted":        {pinned{}, aim{"new", true, false}, leave, 0},
		"another text":             {stands, aim{"new", true, true}, edit, busyTick},
		"another text, all paused": {stands, aim{"new", false, true}, edit, restTick},
		"the same text":            {stands, aim{"old", true, true}, leave, busyTick},
		"the same, all paused":     {stands, aim{"old", false, true}, leave, restTick},
		"switched off":             {stands, aim{"new", true, false}, remove, 0},
		"off, and below others":    {with(func(p *pinned) { p.newest = 101 }), aim{"new", true, false}, remove, 0},
		"somebody wrote below":     {with(func(p *pinned) { p.newest = 101 }), aim{"old", true, true}, remake, busyTick},
		"at the same millisecond":  {with(func(p *pinned) { p.newest = 100 }), aim{"old", true, true}, remake, busyTick},
		"somebody wrote above":     {with(func(p *pinned) { p.newest = 99 }), aim{"old", true, true}, leave, busyTick},
		"deleted":                  {with(func(p *pinned) { p.gone = true }), aim{"old", true, true}, remake, busyTick},
		"deleted, all paused":      {with(func(p *pinned) { p.gone = true }), aim{"old", false, true}, leave, 0},
		"deleted, switched off":    {with(func(p *pinned) { p.gone = true }), aim{"old", true, false}, leave, 0},
	} {
		now := time.Unix(1000, 0)
		do, again := c.known.decide(c.aim, now)
		if do != c.do || again != c.again {
			t.Errorf("%s: action %d, again in %v; want %d, %v", name, do, again, c.do, c.again)
		}
		if paced := c.known.next.Equal(now.Add(changeEvery)); paced != (do != leave) {
			t.Errorf("%s: the next change is not before %v", name, c.known.next)
		}
	}
}

// TestDecideSettles: on a server that does as it is told, one decision brings
// the channel to its aim, and the next one has nothing to do.
func TestDecideSettles(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var p pinned
		server, now := int64(1), time.Unix(1000, 0)
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			server++
			switch rapid.IntRange(0, 3).Draw(r, "event") {
			case 0:
				p.others(server)
			case 1:
				p.gone = p.post != ""
			}
			a := aim{text: rapid.SampledFrom([]string{"x", "y"}).Draw(r, "text"), live: rapid.Bool().Draw(r, "live"), wanted: rapid.Bool().Draw(r, "wanted")}
			had := p.post != "" && !p.gone
			do, _ := p.decide(a, now)
			switch do {
			case edit:
				p.text = a.text
			case remake:
				server++
				p.making()
				p.stands(mattermost.Post{ID: "p", CreateAt: server, Message: a.text})
			case remove:
				p.post = ""
			}
			if want := a.wanted && (a.live || had); (p.post != "") != want {
				r.Fatalf("a list is there: %v, want %v", p.post != "", want)
			}
			if p.post != "" && (p.text != a.text || p.below()) {
				r.Fatalf("it says %q, want %q; below others: %v", p.text, a.text, p.below())
			}
			if again, _ := p.decide(a, now); again != leave {
				r.Fatalf("after action %d: action %d", do, again)
			}
		}
	})
}

// TestPace: whatever asks when, no look comes before the pace allows, every
// asking is followed by a look in time, and no two looks wait.
func TestPace(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var p pace
		now := time.Unix(1000, 0)
		var next, due time.Time // no change before; when the next look must be there
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			switch rapid.IntRange(0, 3).Draw(r, "event") {
			case 0, 1:
				in := time.Duration(rapid.IntRange(0, 100).Draw(r, "in")) * time.Second
				at := now.Add(in)
				if at.Before(next) {
					at = next
				}
				wait, ok := p.wake(now, in, next)
				if due.IsZero() || at.Before(due) {
					due = at
				}
				switch {
				case ok && wait == 0:
					p.queued = true
				case ok && !p.timer.Equal(now.Add(wait)):
					r.Fatalf("a timer of %v, noted for %v", wait, p.timer.Sub(now))
				}
				if !p.queued && (p.timer.IsZero() || p.timer.After(due)) {
					r.Fatalf("nothing looks at %v", due)
				}
				if !p.queued && p.timer.Before(next) {
					r.Fatalf("a look at %v, before %v", p.timer, next)
				}
			case 2: // time passes
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(r, "passes")) * time.Second)
				if !p.timer.IsZero() && !p.timer.After(now) {
					p.fired()
					p.queued = true
				}
			case 3: // the lane runs
				if p.queued {
					p.queued, due = false, time.Time{}
					if !p.timer.IsZero() {
						due = p.timer
					}
					if rapid.Bool().Draw(r, "changed") {
						next = now.Add(changeEvery)
					}
				}
			}
		}
	})
}
