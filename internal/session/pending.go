package session

import (
	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// hold puts a message, a start or a command before people. Each has a card of
// its own. Where the thread has no session it is pending: the desk keeps it
// until people have answered, and the slot of a start is taken when it is
// approved.
func (h *Host) hold(t *thread, r *pipeline.Run) {
	ev := *r.Event
	s := t.live()
	if s == nil && ev.Kind == pipeline.KindPost {
		h.say(ev.Thread.Root, command.NoSession)
		return
	}
	if h.stopping.Load() {
		h.say(ev.Thread.Root, errStopping.Error())
		return
	}
	p := &desk.Prompt{Kind: heldAs[ev.Kind], Pending: s == nil, Event: &ev, Text: r.Text(), Asks: asksOf(r)}
	if t.tooMany(p) {
		t.log.Warn("too much of one person waits; this is not run", "kind", p.Kind, "user", ev.User.ID, "post", ev.Post.ID)
		t.out.React(ev.Post.ID, tooMuch)
		t.settled(*p)
		return
	}
	h.delivered.Gave(ev.Post.ID)
	h.delivered.Hold(ev.Post.ID, true)
	t.ask(p)
}

// pending reports that something waits for people where there is no session.
func (t *thread) pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.desk.Count(func(p *desk.Prompt) bool { return p.Pending }) > 0
}

var heldAs = map[pipeline.Kind]desk.Kind{
	pipeline.KindPost:    desk.Message,
	pipeline.KindStart:   desk.Start,
	pipeline.KindCommand: desk.Command,
}

// tooMany reports that as much of one person waits as may.
func (t *thread) tooMany(p *desk.Prompt) bool {
	most := t.host.settings().Parked
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.desk.Count(func(o *desk.Prompt) bool { return o.Event != nil && o.Event.User.ID == p.Event.User.ID })
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
	if !d.finish(p.ID, outcome) {
		return
	}
	d.log.Info("allowed", "kind", p.Kind, "user", d.v.By.ID, "from", p.Event.User.ID, "card", p.ID)
	d.host.delivered.Hold(p.Event.Post.ID, false)
	if s := d.live(); invited && s != nil {
		s.invite(p.Event.User.ID, d.v.By.ID)
	}
	d.host.performRun(d.ctx, d.run, d.admitted(invited))
	d.settled(*p)
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
