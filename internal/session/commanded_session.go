package session

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/thread"
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
	c.s.Lock()
	defer c.s.Unlock()
	var grants []command.Grant
	for _, g := range c.s.Desk.Grants() {
		grants = append(grants, command.Grant{ID: g.ID, By: g.By, Name: c.s.name(g.By), Since: g.Since})
	}
	return grants
}

func (c commandedSession) Revoke(ids []string, notice string) {
	c.s.Lock()
	c.s.Desk.EndGrants(func(g desk.Grant) bool { return slices.Contains(ids, g.ID) })
	c.s.Unlock()
	c.s.Notice(notice)
	c.s.headline().refreshHeader()
}

func (c commandedSession) Dir() string { return c.s.dir() }

func (c commandedSession) GoTo(dir, notice, restarted string) { c.s.workIn(dir, notice, restarted) }

func (c commandedSession) SkipWorktreePrompts(notice string) {
	c.s.Lock()
	c.s.about.NoWorktreePrompt = true
	c.s.Unlock()
	c.s.record().save()
	c.s.Notice(notice)
}

func (c commandedSession) Person(ctx context.Context, id pipeline.UserID) (pipeline.User, error) {
	return c.s.host.person(ctx, id, c.s, 0)
}

func (c commandedSession) Guest(name string) (pipeline.User, bool) {
	c.s.Lock()
	defer c.s.Unlock()
	for id := range c.s.about.Invited {
		if known := c.s.name(id); strings.EqualFold(known, name) {
			return pipeline.User{ID: id, Name: known}, true
		}
	}
	return pipeline.User{}, false
}

func (c commandedSession) Invite(who, by pipeline.UserID, notice string) {
	c.s.invite(who, by)
	c.s.Notice(notice)
	c.s.headline().refreshHeader()
}

func (c commandedSession) Uninvite(who pipeline.UserID, notice string) {
	c.s.uninvite(who)
	c.s.Notice(notice)
	c.s.headline().refreshHeader()
}

func (c commandedSession) Model() (runs, asked string) {
	c.s.Lock()
	defer c.s.Unlock()
	return c.s.process.Model, c.s.about.Model
}

func (c commandedSession) Prompt(p pipeline.Prompt) { c.s.mail().prompt(p) }

func (c commandedSession) Verbosity() string { return c.s.speech().verbosity() }

func (c commandedSession) SetVerbosity(style, notice string) {
	c.s.speech().setVerbosity(style)
	c.s.Notice(notice)
}

func (c commandedSession) Status() command.SessionStatus {
	s := c.s
	set := s.host.settings()
	s.Lock()
	defer s.Unlock()
	return command.SessionStatus{State: s.stateLocked(), Mode: s.about.ModeUnder(set.Mode), Verbosity: string(s.words.Style()), Dir: s.about.Dir,
		Model: cmp.Or(s.process.Model, s.about.Model), Used: s.process.Used, Size: s.process.Size, Cost: s.process.Cost, Turns: s.process.Turns,
		Messages: len(s.inbox.Queue), Cards: s.Desk.Count(thread.OfSession), Tasks: s.process.Tasks,
		Grants: len(s.Desk.Grants()), Idle: s.host.Clock.Now().Sub(s.pause.Active)}
}
