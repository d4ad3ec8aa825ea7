package thread

import (
	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// Hold puts a message, a start or a command before people. Each has a card of
// its own. Where the thread has no session it is pending: the desk keeps it
// until people have answered, and the slot of a start is taken when it is
// approved.
func (t *Thread) Hold(r *pipeline.Run) {
	ev := *r.Event
	s := t.Session()
	if s == nil && ev.Kind == pipeline.KindPost {
		t.Notice(command.NoSession)
		return
	}
	if t.conf.Host.Stopping() {
		t.Notice(Stopping)
		return
	}
	p := &desk.Prompt{Kind: heldAs[ev.Kind], Pending: s == nil, Event: &ev, Text: r.Text(), Asks: AsksOf(r)}
	if t.answering().tooMany(p) {
		t.log.Warn("too much of one person waits; this is not run", "kind", p.Kind, "user", ev.User.ID, "post", ev.Post.ID)
		t.Out.React(ev.Post.ID, TooMuch)
		t.answering().settled()
		return
	}
	t.conf.Host.Gave(ev.Post.ID)
	t.conf.Host.Held(ev.Post.ID, true)
	t.Ask(p)
}

// Pending reports that something waits for people where there is no session.
func (t *Thread) Pending() bool {
	t.Lock()
	defer t.Unlock()
	return t.Desk.Count(func(p *desk.Prompt) bool { return p.Pending }) > 0
}

// Stopping is what people read who want something while ctpipe stops.
const Stopping = "⏸️ ctpipe is stopping; write again when it is back."

// TooMuch is the emoji under a post that is not run because there is too much to
// do.
const TooMuch = "turtle"

var heldAs = map[pipeline.Kind]desk.Kind{
	pipeline.KindPost:    desk.Message,
	pipeline.KindStart:   desk.Start,
	pipeline.KindCommand: desk.Command,
}

// tooMany reports that as much of one person waits as may.
func (t answering) tooMany(p *desk.Prompt) bool {
	most := t.conf.Host.Asking().Parked
	t.Lock()
	defer t.Unlock()
	n := t.Desk.Count(func(o *desk.Prompt) bool { return o.Event != nil && o.Event.User.ID == p.Event.User.ID })
	return most > 0 && n >= most
}

// admit lets a message, a start or a command through, as its event was judged.
func (d *decision) admit() {
	p := &d.p
	guest, by := desk.Who(p.Event.User), desk.Names(d.people)
	outcome := "✅ **Allowed** by " + by
	invited := p.Kind == desk.Message && d.allForAll()
	switch {
	case invited:
		outcome = "✅ " + guest + " invited to session by " + desk.Who(d.v.By)
	case p.Kind == desk.Message:
		outcome = "✅ Message from " + guest + " approved by " + by
	}
	if !d.Finish(p.ID, outcome) {
		return
	}
	d.log.Info("allowed", "kind", p.Kind, "user", d.v.By.ID, "from", p.Event.User.ID, "card", p.ID)
	d.conf.Host.Held(p.Event.Post.ID, false)
	if s := d.Session(); invited && s != nil {
		s.Invite(p.Event.User.ID, d.v.By.ID)
	}
	d.conf.Host.Perform(d.ctx, d.run, d.admitted(invited))
	d.answering().settled()
}

// admitted is which of a run's effects happen once people have let its event in:
// what is said to somebody whose message or start waits was said before, and a
// message that was let in once is marked as approved.
func (d *decision) admitted(invited bool) func(pipeline.Effect) pipeline.Effect {
	return func(e pipeline.Effect) pipeline.Effect {
		switch e := e.(type) {
		case pipeline.Prompt:
			if d.p.Kind == desk.Message && !invited {
				e.ApprovedBy = d.v.By.Name
			}
			return e
		case pipeline.Reply, pipeline.React, pipeline.Label:
			if d.p.Kind != desk.Command {
				return nil
			}
		}
		return e
	}
}
