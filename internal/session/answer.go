package session

import (
	"fmt"
	"strings"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// blocksApart stands between two blocks of one answer.
const blocksApart = "\n\n"

// answer is what Claude said without anything else being posted in between:
// one post, edited as it grows, or more where it is longer than a post may be.
type answer struct {
	n      int // its number in the session, for the keys of its posts
	blocks []*shown
	keys   []string // of its posts, in order
}

// shown is one block as the thread has it.
type shown struct {
	id    string
	text  string
	final bool
}

// pages keeps what a thread shows of Claude's words. It is used by the show
// lane and, to begin a new answer, by others: the session's lock guards it.
type pages struct {
	out     *Outbox
	limit   int // runes of a post
	answers []*answer
	count   int
	fresh   bool // the next new block begins a new answer
	keys    int
}

// seal makes the next block begin a new post: a person wrote, a card was
// posted, or the turn ended.
func (p *pages) seal() { p.fresh = true }

// show brings a block to the thread, or the newer text of a known one.
func (p *pages) show(id, text string, final bool) {
	a, b := p.find(id)
	if b == nil {
		if text == "" {
			return
		}
		a, b = p.add(id)
	}
	b.text, b.final = strings.Trim(text, "\n"), final
	p.lay(a)
	p.forget()
}

// withhold takes a block out of the thread. What was posted of it is deleted,
// not edited: an edit keeps the old text on the server.
func (p *pages) withhold(id string) {
	a, b := p.find(id)
	if b == nil {
		return
	}
	was := b.text
	b.text = ""
	if was != "" {
		for _, key := range a.keys {
			p.out.Remove(key)
		}
		a.keys = nil
	}
	p.lay(a)
}

func (p *pages) add(id string) (*answer, *shown) {
	if p.fresh || len(p.answers) == 0 {
		p.count++
		p.answers, p.fresh = append(p.answers, &answer{n: p.count}), false
	}
	a := p.answers[len(p.answers)-1]
	b := &shown{id: id}
	a.blocks = append(a.blocks, b)
	return a, b
}

func (p *pages) find(id string) (*answer, *shown) {
	for _, a := range p.answers {
		for _, b := range a.blocks {
			if b.id == id {
				return a, b
			}
		}
	}
	return nil, nil
}

// lay puts an answer's text into its posts.
func (p *pages) lay(a *answer) {
	var parts []string
	for _, b := range a.blocks {
		if b.text != "" {
			parts = append(parts, b.text)
		}
	}
	texts := paginate(strings.Join(parts, blocksApart), p.limit)
	for i, text := range texts {
		if i == len(a.keys) {
			p.keys++
			a.keys = append(a.keys, fmt.Sprintf("answer %d.%d", a.n, p.keys))
		}
		p.out.Put(a.keys[i], Draft{Text: text, Props: props("answer")}, nil)
	}
	for i := len(a.keys) - 1; i >= len(texts); i-- {
		p.out.Remove(a.keys[i])
		a.keys = a.keys[:i]
	}
}

// forget drops answers that can change no more.
func (p *pages) forget() {
	for len(p.answers) > 1 || (p.fresh && len(p.answers) == 1) {
		a := p.answers[0]
		for _, b := range a.blocks {
			if !b.final {
				return
			}
		}
		for _, key := range a.keys {
			p.out.Seal(key)
		}
		p.answers = p.answers[1:]
	}
}

// props mark a post as ctpipe's own, and as what: no text of Claude's can set
// them, so they tell a card from its imitation (A5).
func props(kind string) map[string]any {
	return map[string]any{"from_bot": "true", "ctpipe": kind}
}

var _ Chat = (*mattermost.Client)(nil)
var _ pipeline.World = Hosts(nil)
