package session

import (
	"hash/maphash"
	"sync"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// editMark is the emoji under a post that was edited after Claude got it.
const editMark = "pencil2"

// editNote says once per session what an edit does not do.
const editNote = "✏️ Edits are not seen by Claude: it has the message as it was when it was sent. Write again to correct it."

// givenMost is how many posts are remembered, twice: the older half is
// forgotten when the newer is full.
const givenMost = 4096

// given remembers what Claude was given of each post, so that an edit
// afterwards is noticed (A9).
type given struct {
	seed maphash.Seed

	mu       sync.Mutex
	now, old map[pipeline.PostID]*givenPost
}

type givenPost struct {
	text  uint64 // of the post as it came
	given bool   // Claude has it, or people are asked about it
	noted bool   // an edit was noted
	held  bool   // people were asked, and have not let it in
}

func newGiven() *given {
	return &given{seed: maphash.MakeSeed(), now: map[pipeline.PostID]*givenPost{}, old: map[pipeline.PostID]*givenPost{}}
}

// came notes a post's text before anything is made of it. It reports whether
// the post came for the first time.
func (g *given) came(p mattermost.Post) (first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	id := pipeline.PostID(p.ID)
	if g.find(id) != nil {
		return false
	}
	if len(g.now) >= givenMost {
		g.now, g.old = map[pipeline.PostID]*givenPost{}, g.now
	}
	g.now[id] = &givenPost{text: maphash.String(g.seed, p.Message)}
	return true
}

// gave notes that Claude has a post, or that people are asked about it.
func (g *given) gave(id pipeline.PostID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.find(id); p != nil {
		p.given = true
	}
}

// hold notes that people are asked about a post, or that they have let it in.
func (g *given) hold(id pipeline.PostID, held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.find(id); p != nil {
		p.held = held
	}
}

// held reports a post that people have refused, or not let in yet.
func (g *given) held(id pipeline.PostID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.find(id)
	return p != nil && p.held
}

// edited reports, once per post, that its text is not what Claude was given.
// Pins arrive as edits too.
func (g *given) edited(now mattermost.Post) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.find(pipeline.PostID(now.ID))
	if p == nil || !p.given || p.noted || p.text == maphash.String(g.seed, now.Message) {
		return false
	}
	p.noted = true
	return true
}

func (g *given) find(id pipeline.PostID) *givenPost {
	if p := g.now[id]; p != nil {
		return p
	}
	return g.old[id]
}

// receiveEdited marks a post whose edit changes nothing any more, and says so
// once per session.
func (h *Host) receiveEdited(p mattermost.Post) {
	if p.UserID == h.Me.ID {
		if own, ok := h.ownPost(pipeline.PostID(p.ID)); ok {
			h.thread(own.root).cardTampered(p)
		}
		return
	}
	if p.ChannelID != h.Channel.ID || p.System() || !h.given.edited(p) {
		return
	}
	root := pipeline.PostID(p.RootOrSelf())
	h.thread(root).out.React(pipeline.PostID(p.ID), editMark)
	s := h.session(h.threadID(root))
	if s == nil {
		return
	}
	s.mu.Lock()
	first := !s.inbox.EditTold
	s.inbox.EditTold = true
	s.mu.Unlock()
	if first {
		s.notice(editNote)
	}
}
