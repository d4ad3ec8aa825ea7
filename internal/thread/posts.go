package thread

import (
	"strings"
	"sync"

	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

// postsMost is how many of ctpipe's own posts can be reacted on.
const postsMost = 20000

// Posts knows which posts are ctpipe's own: the newest ones. It is safe for
// concurrent use.
type Posts struct {
	mu    sync.Mutex
	known *memory.Recent[pipeline.PostID, Post]
}

// Post is a post of ctpipe's own.
type Post struct {
	Thread pipeline.ThreadID
	Root   pipeline.PostID
	Key    string // in the thread's outbox
}

// NewPosts makes a memory that knows no post.
func NewPosts() *Posts {
	return &Posts{known: memory.NewRecent[pipeline.PostID, Post](postsMost)}
}

// Remember notes a post of ctpipe's own.
func (p *Posts) Remember(id pipeline.PostID, post Post) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known.Put(id, post)
}

// Of is the post with an id, if it is one of ctpipe's own.
func (p *Posts) Of(id pipeline.PostID) (Post, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known.Get(id)
}

// Forget lets a late click on a post be for nothing.
func (p *Posts) Forget(id pipeline.PostID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known.Forget(id)
}

// IsList reports a post of a task list.
func (p Post) IsList() bool { return p.Key == "tasks" || strings.HasPrefix(p.Key, "tasks ") }

// Target is what kind of post a reaction was made on, where it is no open card.
func (p Post) Target() string {
	switch {
	case strings.HasPrefix(p.Key, "header"):
		return "header"
	case strings.HasPrefix(p.Key, "card"):
		return "card"
	case p.IsList():
		return "tasks"
	}
	return "bot_post"
}
