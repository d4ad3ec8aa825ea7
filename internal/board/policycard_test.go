package board

import (
	"fmt"
	"testing"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// TestBook: whatever is asked, posted, answered and closed in whatever order, a
// post is a card's only while that card is open, and each card counts one answer
// at most, none after it was closed (design 8.6).
func TestBook(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := book{}
		keys := map[pipeline.Rev]string{}                    // of the open cards
		posts := map[string]pipeline.PostID{}                // by key
		answers, dead := map[string]int{}, map[string]bool{} // by key
		for i := range rapid.IntRange(1, 60).Draw(r, "steps") {
			rev := pipeline.Rev(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "rev"))
			switch rapid.IntRange(0, 3).Draw(r, "event") {
			case 0:
				keys[rev] = fmt.Sprint("k", i)
				b.open(PolicyCard{Rev: rev}, keys[rev])
			case 1:
				if key := keys[rev]; key != "" {
					posts[key] = pipeline.PostID(fmt.Sprint("p", i))
					b.posted(key, posts[key])
				}
			case 2:
				c := b.on(posts[keys[rev]])
				if c == nil {
					continue
				}
				if c.first() {
					answers[c.key]++
				}
				if answers[c.key] > 1 || dead[c.key] {
					r.Fatalf("card %s: %d answers, closed %v", c.key, answers[c.key], dead[c.key])
				}
			case 3:
				c := b.close(rev)
				if (c != nil) != (keys[rev] != "") {
					r.Fatalf("closing %s took %v", rev, c)
				}
				if c != nil {
					dead[c.key] = true
					if c.first() {
						r.Fatalf("card %s counts an answer after it was closed", c.key)
					}
				}
				delete(keys, rev)
			}
			open := map[pipeline.PostID]pipeline.Rev{}
			for rev, key := range keys {
				if p := posts[key]; p != "" {
					open[p] = rev
				}
			}
			for _, p := range posts {
				c := b.on(p)
				if rev, ok := open[p]; ok != (c != nil) || c != nil && c.Rev != rev {
					r.Fatalf("post %s is card %v, want %q", p, c, rev)
				}
			}
			if len(b.posts()) != len(open) || b.on("") != nil {
				r.Fatalf("posts %v, want %v", b.posts(), open)
			}
		}
	})
}
