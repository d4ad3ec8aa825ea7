package session

import (
	"context"
	"maps"
	"slices"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// hold parks a message, a start or a command until people have answered. Each
// has a card of its own (RACE-14). Where the thread has no session, the host
// keeps them in one that never gets a Claude nor a slot; the slot of a start is
// taken when it is approved.
func (h *Host) hold(ctx context.Context, s *Session, r *pipeline.Run) {
	ev := *r.Event
	if s == nil && ev.Kind == pipeline.KindPost {
		h.say(ev.Thread.Root, command.NoSession)
		return
	}
	_, asks := r.Verdict()
	p := &prompt{kind: heldAs[ev.Kind], event: &ev, text: r.Text(), asks: asks}
	if h.stopping() {
		h.say(ev.Thread.Root, errStopping.Error())
		return
	}
	if s == nil {
		s = h.park(ev.Thread.Root)
	}
	if h.tooMany(s, p) {
		h.Log.Warn("too much of one person waits; this is not run", "kind", p.kind, "user", ev.User.ID, "post", ev.Post.ID)
		h.outbox(ev.Thread.Root).React(ev.Post.ID, tooMuch)
		h.dropped(s)
		return
	}
	h.delivered.Gave(ev.Post.ID)
	h.delivered.Hold(ev.Post.ID, true)
	s.openPrompt(p)
	h.keep(s)
}

var heldAs = map[pipeline.Kind]string{pipeline.KindPost: "message", pipeline.KindStart: "start", pipeline.KindCommand: "command"}

// tooMany reports that as much of one person waits as may.
func (h *Host) tooMany(s *Session, p *prompt) bool {
	most := h.settings().Parked
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, o := range s.prompts {
		if o.event != nil && o.event.User.ID == p.event.User.ID {
			n++
		}
	}
	return most > 0 && n >= most
}

// park gives what a thread without a session keeps its open cards in.
func (h *Host) park(root pipeline.PostID) *Session {
	made := newSession(h, root, "")
	made.cardMark = parkedMark
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.parked[made.thread]; s != nil {
		return s
	}
	h.parked[made.thread] = made
	return made
}

// keep notes again what a card was put into: its last one may just have ended.
func (h *Host) keep(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.cardMark == parkedMark && h.parked[s.thread] == nil {
		h.parked[s.thread] = s
	}
}

func (h *Host) stopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// parkedMark begins the ids of cards in a thread without a session.
const parkedMark = "s"

// parkedIn is what a thread without a session keeps its open cards in, nil if
// it has none.
func (h *Host) parkedIn(thread pipeline.ThreadID) *Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.parked[thread]
}

// holders are all that can have open cards.
func (h *Host) holders() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(h.all(), slices.Collect(maps.Values(h.parked))...)
}

// dropped forgets a session that a prompt has left, if nothing is left in it.
func (h *Host) dropped(s *Session) {
	h.mu.Lock()
	if h.parked[s.thread] == s {
		s.mu.Lock()
		if len(s.prompts) == 0 {
			delete(h.parked, s.thread)
		}
		s.mu.Unlock()
		h.mu.Unlock()
		return
	}
	h.mu.Unlock()
	h.release(s)
}

// unpark closes the cards of threads that have no session: ctpipe ends.
func (h *Host) unpark(outcome string) {
	h.mu.Lock()
	all := slices.Collect(maps.Values(h.parked))
	clear(h.parked)
	h.mu.Unlock()
	for _, s := range all {
		s.mu.Lock()
		void := s.prompts
		s.prompts, s.phase = nil, ended
		for _, p := range void {
			p.settled()
		}
		s.mu.Unlock()
		for _, p := range void {
			s.closePrompt(p, outcome)
		}
	}
}

// admit lets a message, a start or a command through, as its event was judged.
func (s *Session) admit(ctx context.Context, p *prompt, run *pipeline.Run, v vote, people []pipeline.User) {
	guest, by := "@"+zeroWidth+p.event.User.Name, s.names(people)
	outcome := "✅ **Allowed** by " + by
	invited := p.kind == "message" && v.meaning == "allow_all" && s.allForAll(p, p.asks, people)
	switch {
	case invited:
		outcome = "✅ " + guest + " invited to session by " + s.who(v.by)
	case p.kind == "message":
		outcome = "✅ Message from " + guest + " approved by " + by
	}
	if !s.finish(p, outcome) {
		return
	}
	s.log.Info("allowed", "kind", p.kind, "user", v.by.ID, "from", p.event.User.ID, "card", p.id)
	s.host.delivered.Hold(p.event.Post.ID, false)
	if invited {
		s.invite(p.event.User.ID, v.by.ID)
	}
	for _, e := range run.Effects() {
		switch e := e.(type) {
		case pipeline.Prompt:
			if p.kind == "message" && !invited {
				e.ApprovedBy = v.by.Name
			}
			s.host.perform(ctx, run, e)
		case pipeline.Reply, pipeline.React, pipeline.Label:
			if p.kind == "command" {
				s.host.perform(ctx, run, e)
			}
		default:
			s.host.perform(ctx, run, e)
		}
	}
	s.host.dropped(s)
}
