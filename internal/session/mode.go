package session

import (
	"context"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// setMode changes what happens to calls that nothing votes on, and posts the
// notice. It raises the mode no further than leave, which is how far a command's
// rule lets somebody raise it. Going back to the default mode ends the grants too.
func (s *Session) setMode(want, leave pipeline.Mode, notice string) command.ModeChange {
	set := s.host.settings()
	s.Lock()
	have, agent := s.about.ModeUnder(set.Mode), s.hands.agent
	change := command.ModeChange{From: have,
		Refused: want.Rank() > have.Rank() && want.Rank() > leave.Rank(),
		Same:    want.Rank() == have.Rank() && (want != pipeline.ModeDefault || len(s.Desk.Grants()) == 0)}
	if change.Refused || change.Same {
		s.Unlock()
		return change
	}
	s.about.Mode, s.about.Raised = want, want.Rank() > set.Mode.Rank()
	if want == pipeline.ModeDefault {
		s.Desk.EndGrants(desk.AllGrants)
	}
	s.Unlock()
	s.Notice(notice)
	s.headline().header()
	s.record().save()
	if agent != nil && cliMode(have) != cliMode(want) {
		go s.tellMode(agent, cliMode(want))
	}
	return change
}

// tellMode passes the mode on to the CLI. Should that fail, the gate holds all
// the same: in default mode it answers ask itself.
func (s *Session) tellMode(agent Agent, mode string) {
	defer s.Contain("changing claude's mode", func() {})
	ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
	defer cancel()
	if _, err := agent.Control(ctx, "set_permission_mode", map[string]any{"mode": mode}); err != nil {
		s.log.Error("claude does not take its new mode", "mode", mode, "err", err)
	}
}
