package desk

import (
	"time"

	"ctpipe/internal/facts"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// tamperedMost is how often a card is made anew that others edit. A server that
// rewrites every text would keep us at it for ever; then its card only never has
// an approval, and nobody's answer is a denial.
const tamperedMost = 3

// Tampered makes an open card anew that somebody else has edited, without the
// approvals that stood under it: what people approve is what ctpipe showed them.
func (d *Desk) Tampered(id string, base pipeline.Terms, now time.Time) []outbox.Change {
	p := d.Get(id)
	if p == nil {
		return nil
	}
	p.Votes = nil
	if p.Tampered++; p.Tampered > tamperedMost {
		return nil
	}
	old := p.Key
	return append(d.post(p, base, now), outbox.Change{Key: old, Remove: true})
}

// Deleted takes the approvals off a card that somebody deleted; the outbox makes
// it again.
func (d *Desk) Deleted(id string, base pipeline.Terms, now time.Time) []outbox.Change {
	p := d.Get(id)
	if p == nil {
		return nil
	}
	p.Votes, p.Post = nil, ""
	return d.Refresh(id, base, now)
}

// AskMore keeps a card open because the rules in force now ask for more.
func (d *Desk) AskMore(id string, asks []pipeline.Vote, judged *Judged, base pipeline.Terms, now time.Time) []outbox.Change {
	p := d.Get(id)
	if p == nil {
		return nil
	}
	p.Asks = asks
	if judged != nil && p.Call != nil {
		p.rejudged(*judged)
	}
	return d.Refresh(id, base, now)
}

func (p *Prompt) rejudged(j Judged) {
	call := *p.Call
	call.Judged = j
	p.Call = &call
}

// Replace puts the call as a person changed it in the place of Claude's, with
// their approval alone; false if the prompt has ended meanwhile.
func (d *Desk) Replace(id string, call Call, asks []pipeline.Vote, v Vote, scripts []facts.Script) bool {
	p := d.Get(id)
	if p == nil {
		return false
	}
	p.Call, p.Asks, p.Edit, p.Scripts = &call, asks, v.Edit, scripts
	p.Votes = []Ballot{{By: v.By.ID, Name: v.By.Name, Spoken: true}}
	return true
}

// Repost leaves a card behind that says why, and asks on a new one below.
func (d *Desk) Repost(id, why string, base pipeline.Terms, now time.Time) Done {
	p := d.Get(id)
	if p == nil {
		return Done{}
	}
	left := outbox.Change{Key: p.Key, Put: &outbox.Draft{Text: d.paper.fit(why)}, Seal: true}
	return Done{Changes: append([]outbox.Change{left}, d.post(p, base, now)...), Opened: true}
}

// Ended notes who ends a prompt with a no.
func (d *Desk) Ended(id string, by pipeline.UserID) {
	if p := d.Get(id); p != nil {
		p.Ender = by
	}
}
