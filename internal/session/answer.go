package session

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// blocksApart stands between two blocks of one answer.
const blocksApart = "\n\n"

// answer is what Claude said without anything else being posted in between:
// one post, edited as it grows, or more where it is longer than a post may be.
type answer struct {
	era    int
	blocks []*shown
	keys   []string // of its posts, in order
}

// shown is one block as the thread has it.
type shown struct {
	id    string
	text  string
	final bool
}

// pages keeps what a thread shows of Claude's words. The session's lock guards
// it.
type pages struct {
	out     *outbox.Outbox
	limit   int         // runes of a post
	answers []*answer   // that may still change, the newest last
	era     int         // blocks that begin now belong to this answer
	at      int         // the era of the block that is being shown
	later   clock.Timer // of a flush that waits for more, nil if none does
	// verdicts are what a ❓ on a post asks about.
	verdicts verdicts
}

// answersMost is how many answers may still change; older ones stay as they are.
const answersMost = 32

// seal makes the next block begin a new post: a person wrote, a card was
// posted, or the turn ended.
func (p *pages) seal() { p.era++ }

// show brings a block to the thread, or the newer text of a known one.
func (p *pages) show(id, text string, final bool) {
	a, b := p.find(id)
	if b == nil {
		if text == "" {
			return
		}
		a, b = p.add(id)
	}
	text = strings.Trim(text, "\n")
	same := b.text == text
	b.text, b.final = text, final
	if !same {
		p.lay(a)
	}
}

// withhold takes a block out of the thread. What was posted of it is deleted,
// not edited: an edit keeps the old text on the server.
func (p *pages) withhold(id string) {
	a, b := p.find(id)
	if b == nil {
		return
	}
	was := b.text
	b.text, b.final = "", true
	if was == "" {
		return
	}
	for _, key := range a.keys {
		p.out.Remove(key)
	}
	a.keys = nil
	p.lay(a)
}

func (p *pages) add(id string) (*answer, *shown) {
	n := len(p.answers)
	if n == 0 || p.answers[n-1].era < p.at {
		p.answers = append(p.answers, &answer{era: p.at})
		n++
	}
	a := p.answers[n-1]
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
	texts := paginate.Inert(strings.Join(parts, blocksApart), p.limit)
	for i, text := range texts {
		if i == len(a.keys) {
			a.keys = append(a.keys, fmt.Sprintf("answer %d", p.out.Serial()))
		}
		p.out.Put(a.keys[i], outbox.Draft{Text: text, Props: outbox.Props("answer")})
	}
	p.verdicts.noteAnswer(a)
	for i := len(a.keys) - 1; i >= len(texts); i-- {
		p.out.Remove(a.keys[i])
		a.keys = a.keys[:i]
	}
}

// forget drops answers that can change no more: of an earlier era, with all
// their blocks final; or so old that nobody waits for their end.
func (p *pages) forget() {
	var oldest *answer
	if len(p.answers) > answersMost {
		oldest = p.answers[0]
	}
	p.answers = slices.DeleteFunc(p.answers, func(a *answer) bool {
		if a != oldest && (a.era >= p.era || slices.ContainsFunc(a.blocks, func(b *shown) bool { return !b.final })) {
			return false
		}
		for _, key := range a.keys {
			p.out.Seal(key)
		}
		return true
	})
}

var _ Chat = (*mattermost.Client)(nil)
var _ pipeline.World = Hosts(nil)
