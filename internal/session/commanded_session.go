package session

import (
	"context"
	"slices"
	"strings"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// commandedSession is a session as the commands of its thread see it.
type commandedSession struct{ s *Session }

var _ command.Session = commandedSession{}

func (c commandedSession) End(notice string) { c.s.end(notice) }

func (c commandedSession) Interrupt(notice string) bool { return c.s.interrupt(notice) }

func (c commandedSession) SetMode(want, leave pipeline.Mode, notice string) command.ModeChange {
	return c.s.setMode(want, leave, notice)
}

func (c commandedSession) Grants() []command.Grant {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	grants := make([]command.Grant, 0, len(c.s.grants))
	for _, g := range c.s.grants {
		grants = append(grants, command.Grant{ID: g.ID, By: g.By, Name: c.s.name(g.By), Since: g.Since})
	}
	return grants
}

func (c commandedSession) Revoke(ids []string, notice string) {
	c.s.mu.Lock()
	c.s.grants = slices.DeleteFunc(c.s.grants, func(g Grant) bool { return slices.Contains(ids, g.ID) })
	c.s.mu.Unlock()
	c.s.notice(notice)
	c.s.refreshHeader()
}

func (c commandedSession) Dir() string { return c.s.where() }

func (c commandedSession) GoTo(dir, notice, restarted string) { c.s.workIn(dir, notice, restarted) }

func (c commandedSession) SkipWorktreePrompts(notice string) {
	c.s.mu.Lock()
	c.s.treesOff = true
	c.s.mu.Unlock()
	c.s.save()
	c.s.notice(notice)
}

func (c commandedSession) Person(ctx context.Context, id pipeline.UserID) (pipeline.User, error) {
	return c.s.host.person(ctx, id, c.s, 0)
}

func (c commandedSession) Guest(name string) (pipeline.User, bool) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	for id := range c.s.invited {
		if known := c.s.name(id); strings.EqualFold(known, name) {
			return pipeline.User{ID: id, Name: known}, true
		}
	}
	return pipeline.User{}, false
}

func (c commandedSession) Invite(who, by pipeline.UserID, notice string) {
	c.s.invite(who, by)
	c.s.notice(notice)
	c.s.refreshHeader()
}

func (c commandedSession) Uninvite(who pipeline.UserID, notice string) {
	c.s.uninvite(who)
	c.s.notice(notice)
	c.s.refreshHeader()
}

func (c commandedSession) Model() (runs, asked string) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.runs, c.s.model
}

func (c commandedSession) Prompt(p pipeline.Prompt) { c.s.prompt(p) }

func (c commandedSession) Verbosity() string { return c.s.verbosity() }

func (c commandedSession) SetVerbosity(style, notice string) {
	c.s.setVerbosity(style)
	c.s.notice(notice)
}

func (c commandedSession) Status() command.SessionStatus {
	s := c.s
	set := s.host.settings()
	s.mu.Lock()
	defer s.mu.Unlock()
	cards := 0
	for _, p := range s.prompts {
		if !p.done {
			cards++
		}
	}
	st := command.SessionStatus{State: s.state(), Mode: s.modeUnder(set), Verbosity: string(s.style), Dir: s.dir, Model: s.runs,
		Used: s.top.used, Size: s.top.size, Cost: s.cost, Turns: s.turns, Messages: len(s.queue), Cards: cards, Tasks: s.tasks,
		Grants: len(s.grants), Idle: s.host.Clock.Now().Sub(s.active)}
	if st.Model == "" {
		st.Model = s.model
	}
	return st
}

func (c commandedSession) Cards() []command.Card { return c.s.cardsInWords() }
