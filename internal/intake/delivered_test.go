package intake

import (
	"fmt"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// TestDeliveredPosts covers A9 with random sequences against a model: a post
// comes once, and an edit is told once, of what was given and reads otherwise.
func TestDeliveredPosts(t *testing.T) {
	type seen struct {
		text               string
		given, noted, held bool
	}
	rapid.Check(t, func(t *rapid.T) {
		d, model := NewDeliveredPosts(), map[string]*seen{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			p := mattermost.Post{ID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "post"), Message: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text")}
			id, m := pipeline.PostID(p.ID), model[p.ID]
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				if first := d.Came(p); first != (m == nil) {
					t.Fatalf("%s came first: %v", p.ID, first)
				}
				if m == nil {
					model[p.ID] = &seen{text: p.Message}
				}
			case 1:
				d.Gave(id)
				if m != nil {
					m.given = true
				}
			case 2:
				held := rapid.Bool().Draw(t, "held")
				d.Hold(id, held)
				if m != nil {
					m.held = held
				}
			case 3:
				if got := d.Held(id); got != (m != nil && m.held) {
					t.Fatalf("%s is held: %v", p.ID, got)
				}
			case 4:
				want := m != nil && m.given && !m.noted && m.text != p.Message
				if got := d.Edited(p); got != want {
					t.Fatalf("%s with %q is edited: %v, of %+v", p.ID, p.Message, got, m)
				}
				if want {
					m.noted = true
				}
			}
		}
	})
}

// TestDeliveredPostsAreBounded: what is remembered of posts does not grow for
// ever, and the newest are there.
func TestDeliveredPostsAreBounded(t *testing.T) {
	d := NewDeliveredPosts()
	for i := range 3 * deliveredMost {
		d.Came(mattermost.Post{ID: fmt.Sprint(i)})
	}
	if n := d.posts.Len(); n != deliveredMost {
		t.Errorf("%d posts", n)
	}
	if d.Came(mattermost.Post{ID: fmt.Sprint(3*deliveredMost - 1)}) {
		t.Error("the last one came for the first time twice")
	}
}
