package session

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// obey does what an allowed command or reaction says, with the session of
// the thread, which may be nil.
func (h performer) obey(ctx context.Context, s *Session, r *pipeline.Run, e pipeline.Control) {
	c, ok := command.Find(e.What)
	if !ok || c.Do == nil {
		h.Log.Error("there is no such command", "command", e.What)
		return
	}
	t := h.thread(r.Event.Thread.Root)
	switch {
	case s == nil && c.Cards && t.Pending(): // a start waits there
		c.Do(ctx, h.call(t, nil, r.Event, e))
	case s == nil && c.Quiet && r.Event.Kind == pipeline.KindReaction:
	case s == nil && !c.Anywhere:
		h.say(t.Root, command.NoSession)
	default:
		c.Do(ctx, h.call(t, s, r.Event, e))
	}
}

func (h performer) call(t *thread.Thread, s *Session, ev *pipeline.Event, e pipeline.Control) command.Call {
	host := commandedHost{h: h.Host, t: t}
	if ev.Kind == pipeline.KindCommand {
		host.written = ev.Post.ID
	}
	c := command.Call{By: e.By, Args: e.Args, Text: e.Text, Dir: e.Dir, Raise: e.Raise,
		Host: host, Log: h.Log}
	if s != nil {
		c.Session, c.Log = commandedSession{s}, s.log
	}
	return c
}
