package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// obey does what an allowed command or reaction says, with the session of
// the thread, which may be nil.
func (h *Host) obey(ctx context.Context, s *Session, r *pipeline.Run, e pipeline.Control) {
	c, ok := command.Find(e.What)
	if !ok || c.Do == nil {
		h.Log.Error("there is no such command", "command", e.What)
		return
	}
	root := r.Event.Thread.Root
	if s == nil && c.Cards {
		s = h.parkedIn(r.Event.Thread.ID) // a start waits there
	}
	switch {
	case s == nil && c.Quiet && r.Event.Kind == pipeline.KindReaction:
	case s == nil && !c.Anywhere:
		h.say(root, command.NoSession)
	default:
		c.Do(ctx, h.call(root, s, e))
	}
}

func (h *Host) call(root pipeline.PostID, s *Session, e pipeline.Control) command.Call {
	c := command.Call{By: e.By, Args: e.Args, Text: e.Text, Raise: e.Raise,
		Host: commandedHost{h: h, root: root}, Log: h.Log}
	if s != nil {
		c.Session, c.Log = commandedSession{s}, s.log
	}
	return c
}
