package desk

import (
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// pendingMark begins the ids of prompts in a thread without a session, and
// sessionMark those of others.
const (
	pendingMark = "s"
	sessionMark = "c"
)

// Desk is what waits for people in one thread. The zero value is not usable; see
// New.
type Desk struct {
	paper   Paper
	prompts []*Prompt
	numbers map[string]int // of prompts so far, by mark
	keys    int            // of cards so far
	grants  []Grant
	granted int
	last    closedCard                 // the one that was closed last
	shared  map[string][]pipeline.User // blocks that people let be shown
}

// New makes an empty desk whose cards are written on paper.
func New(paper Paper) Desk {
	return Desk{paper: paper, numbers: map[string]int{}, shared: map[string][]pipeline.User{}}
}

// Done is what came of an input.
type Done struct {
	Changes []outbox.Change // of the thread's posts
	Opened  bool            // a card appears: what Claude says next stands below it
	Closed  []Closed        // cards that ended, for who comes late
}

// Closed is a card that ended.
type Closed struct {
	Key     string
	Outcome string            // its first line
	Told    []pipeline.UserID // who decided it, and so knows
}

func (d *Done) add(more Done) {
	d.Changes = append(d.Changes, more.Changes...)
	d.Closed = append(d.Closed, more.Closed...)
	d.Opened = d.Opened || more.Opened
}

// Open puts a prompt before people and starts its time limit. A question waits
// until the one before it is answered. It gives the prompt its id.
func (d *Desk) Open(p *Prompt, base pipeline.Terms, now time.Time) Done {
	mark := sessionMark
	if p.Pending {
		mark = pendingMark
	}
	d.numbers[mark]++
	p.ID = fmt.Sprintf("%s%d", mark, d.numbers[mark])
	p.Queued = p.Kind == Question && slices.ContainsFunc(d.prompts, func(o *Prompt) bool { return o.Kind == Question })
	d.prompts = append(d.prompts, p)
	if p.Queued {
		return Done{}
	}
	return d.present(p, base, now)
}

// present posts the card and lets time run.
func (d *Desk) present(p *Prompt, base pipeline.Terms, now time.Time) Done {
	if p.Choice == nil {
		p.TTL = pipeline.Deadline(p.Asks, base)
	}
	if p.TTL > 0 {
		p.Deadline = now.Add(p.TTL)
		if p.Choice == nil {
			p.Tick = nextTick(p.Deadline, now)
		}
	}
	return Done{Changes: d.post(p, base, now), Opened: true}
}

// post posts the card of a prompt under a key of its own.
func (d *Desk) post(p *Prompt, base pipeline.Terms, now time.Time) []outbox.Change {
	d.keys++
	p.Key, p.Post = fmt.Sprintf("card %s%d", d.paper.Prefix, d.keys), ""
	text, files := d.paper.card(p, base, now)
	return []outbox.Change{{Key: p.Key, Put: &outbox.Draft{Text: text, Props: outbox.Props("card"), Seeds: p.seeds(), Files: files, Watched: true}}}
}

// Refresh writes the votes and the time left into an open card.
func (d *Desk) Refresh(id string, base pipeline.Terms, now time.Time) []outbox.Change {
	p := d.Get(id)
	if p == nil || p.Key == "" {
		return nil
	}
	text, _ := d.paper.cardText(p, base, now)
	return []outbox.Change{{Key: p.Key, Put: &outbox.Draft{Text: text, Seeds: p.seeds()}}}
}

// Finish ends a prompt, once: it reports false if somebody was faster. A
// question that waited for this one is asked then. An empty outcome leaves the
// card as it is.
func (d *Desk) Finish(id, outcome string, base pipeline.Terms, now time.Time) (p *Prompt, done Done, ok bool) {
	at := slices.IndexFunc(d.prompts, func(o *Prompt) bool { return o.ID == id })
	if at < 0 {
		return nil, Done{}, false
	}
	p = d.prompts[at]
	d.prompts = slices.Delete(d.prompts, at, at+1)
	if outcome != "" {
		done = d.close(p, outcome, now)
	}
	if p.Kind == Question && !p.Queued {
		done.add(d.nextQuestion(base, now))
	}
	return p, done, true
}

func (d *Desk) nextQuestion(base pipeline.Terms, now time.Time) Done {
	next := slices.IndexFunc(d.prompts, func(o *Prompt) bool { return o.Queued })
	if next < 0 {
		return Done{}
	}
	d.prompts[next].Queued = false
	return d.present(d.prompts[next], base, now)
}

// Void ends all prompts of a sort, since nobody waits for them any more. None
// that was queued behind them is asked.
func (d *Desk) Void(sort func(*Prompt) bool, outcome string, now time.Time) Done {
	var done Done
	var left []*Prompt
	for _, p := range d.prompts {
		if !sort(p) {
			left = append(left, p)
			continue
		}
		done.add(d.close(p, outcome, now))
	}
	d.prompts = left
	return done
}

// close writes into the card of a prompt how it ended.
func (d *Desk) close(p *Prompt, outcome string, now time.Time) Done {
	if p.Key == "" { // nobody has seen it
		return Done{}
	}
	told := append(p.Approvers(), p.Ender)
	if p.Choice == nil {
		d.last = closedCard{At: now, By: told, Question: p.Kind == Question}
	}
	return Done{Closed: []Closed{{Key: p.Key, Outcome: firstLine(outcome), Told: told}},
		Changes: []outbox.Change{{Key: p.Key, Put: &outbox.Draft{Text: d.paper.closedCard(p, outcome, now)}, Seal: true}}}
}

// Get is the open prompt with an id, nil if there is none.
func (d *Desk) Get(id string) *Prompt {
	return d.find(func(p *Prompt) bool { return p.ID == id })
}

// On is the open prompt whose card is a post, or will be under a key.
func (d *Desk) On(post pipeline.PostID, key string) *Prompt {
	return d.find(func(p *Prompt) bool {
		return p.Post == post && post != "" || p.Post == "" && p.Key != "" && p.Key == key
	})
}

// ByRequest is the prompt of a call that Claude waits for, nil if there is none.
func (d *Desk) ByRequest(request string) *Prompt {
	return d.find(func(p *Prompt) bool { return p.Call != nil && p.Call.Request == request })
}

// First is the oldest prompt of a kind that has a card, nil if there is none.
func (d *Desk) First(kind Kind) *Prompt {
	return d.find(func(p *Prompt) bool { return p.Kind == kind && !p.Queued })
}

func (d *Desk) find(fits func(*Prompt) bool) *Prompt {
	for _, p := range d.prompts {
		if fits(p) {
			return p
		}
	}
	return nil
}

// Open prompts, in order; those that are queued among them.
func (d *Desk) Prompts() []*Prompt { return slices.Clone(d.prompts) }

// Count says how many prompts are of a sort.
func (d *Desk) Count(sort func(*Prompt) bool) int {
	n := 0
	for _, p := range d.prompts {
		if sort(p) {
			n++
		}
	}
	return n
}

// Posted notes which post a card has, and reports that it is one of this desk's.
func (d *Desk) Posted(key string, post pipeline.PostID) bool {
	p := d.find(func(p *Prompt) bool { return p.Key == key })
	if p != nil {
		p.Post = post
	}
	return p != nil
}
