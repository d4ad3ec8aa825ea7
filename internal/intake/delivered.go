package intake

import (
	"hash/maphash"
	"sync"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

// deliveredMost is how many posts are remembered: those that something was
// asked of last.
const deliveredMost = 4096

// DeliveredPosts remembers what Claude was given of each post, so that an edit
// afterwards is noticed. It is safe for concurrent use.
type DeliveredPosts struct {
	seed maphash.Seed

	mu    sync.Mutex
	posts *memory.Recent[pipeline.PostID, *deliveredPost]
}

type deliveredPost struct {
	text  uint64 // of the post as it came
	made  int64  // as the server says, in milliseconds
	given bool   // Claude has it, or people are asked about it
	noted bool   // an edit was noted
	held  bool   // people were asked, and have not let it in
}

// NewDeliveredPosts makes a memory of no posts.
func NewDeliveredPosts() *DeliveredPosts {
	return &DeliveredPosts{seed: maphash.MakeSeed(), posts: memory.NewRecent[pipeline.PostID, *deliveredPost](deliveredMost)}
}

// Came notes a post's text before anything is made of it. It reports whether
// the post came for the first time.
func (d *DeliveredPosts) Came(p mattermost.Post) (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := pipeline.PostID(p.ID)
	if _, known := d.posts.Use(id); known {
		return false
	}
	d.posts.Put(id, &deliveredPost{text: maphash.String(d.seed, p.Message), made: p.CreateAt})
	return true
}

// Gave notes that Claude has a post, or that people are asked about it.
func (d *DeliveredPosts) Gave(id pipeline.PostID) {
	d.change(id, func(p *deliveredPost) { p.given = true })
}

// Hold notes that people are asked about a post (true), or that they have let it
// in (false).
func (d *DeliveredPosts) Hold(id pipeline.PostID, held bool) {
	d.change(id, func(p *deliveredPost) { p.held = held })
}

func (d *DeliveredPosts) change(id pipeline.PostID, f func(*deliveredPost)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.posts.Use(id); ok {
		f(p)
	}
}

// Held reports a post that people have refused, or not let in yet.
func (d *DeliveredPosts) Held(id pipeline.PostID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.posts.Use(id)
	return ok && p.held
}

// Written is when a post was made, in milliseconds of the server's clock; 0, before
// anything else, if it is not remembered.
func (d *DeliveredPosts) Written(id pipeline.PostID) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.posts.Use(id); ok {
		return p.made
	}
	return 0
}

// Edited reports, once per post, that its text is not what Claude was given.
// Pins arrive as edits too.
func (d *DeliveredPosts) Edited(now mattermost.Post) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.posts.Use(pipeline.PostID(now.ID))
	if !ok || !p.given || p.noted || p.text == maphash.String(d.seed, now.Message) {
		return false
	}
	p.noted = true
	return true
}
