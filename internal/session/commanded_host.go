package session

import (
	"context"
	"errors"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// commandedHost is a host as a command in a thread sees it.
type commandedHost struct {
	h *Host
	t *thread.Thread
	// written is the post that the command is in, "" where it is in none: of the
	// cards, it is about those that were there by then.
	written pipeline.PostID
}

var _ command.Host = commandedHost{}

func (c commandedHost) Say(text string) { c.t.Notice(text) }

func (c commandedHost) Now() time.Time { return c.h.Clock.Now() }

func (c commandedHost) Cards() []command.Card {
	var cards []command.Card
	for _, p := range c.t.Answerable() {
		if c.written != "" && !c.t.Out.Stood(p.Key, c.h.delivered.Written(c.written)) {
			continue
		}
		cards = append(cards, commandedCard{c.h, c.t, p})
	}
	return cards
}

func (c commandedHost) Places() command.Places { return c.h.places() }

func (c commandedHost) SessionDirs(ctx context.Context) ([]string, error) {
	return c.h.slots().sessionDirs(ctx)
}

func (c commandedHost) Account(ctx context.Context, name string) (pipeline.User, bool, error) {
	u, found, err := c.h.people.Named(ctx, name)
	if err != nil || !found {
		return pipeline.User{}, false, err
	}
	return pipeline.User{ID: pipeline.UserID(u.ID), Name: u.Username, Bot: u.IsBot, Guest: u.Guest(), Active: u.Active()}, true, nil
}

func (c commandedHost) Member(ctx context.Context, id pipeline.UserID) (bool, error) {
	err := c.h.member(ctx, id)
	if errors.Is(err, mattermost.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (c commandedHost) Explain(ctx context.Context, event string) {
	c.h.performer().explain(ctx, c.t.Root, WhyQuery{Thread: c.t.ID, Event: event})
}

func (c commandedHost) Status() command.HostStatus {
	h := c.h
	set := h.settings()
	st := command.HostStatus{Version: h.Version, Agents: h.Agents.Label(), Rev: h.Engine.Snapshot().Rev, Most: set.Max, Timeout: set.Timeout}
	h.mu.Lock()
	defer h.mu.Unlock()
	st.Sessions = h.slots().activeLocked()
	st.Heard, st.Lost, st.Link = !h.link.since.IsZero(), h.link.Kind == mattermost.Lost, h.Clock.Now().Sub(h.link.since)
	return st
}

func (c commandedHost) Rules() (command.RulesState, bool) {
	if c.h.Rules == nil {
		return command.RulesState{Rev: c.h.Engine.Snapshot().Rev}, false
	}
	return c.h.Rules(), true
}

func (c commandedHost) EndAll(ctx context.Context, notice func(sessions int) string) {
	c.h.performer().endAll(ctx, c.t.Root, notice)
}

func (c commandedHost) Quit() {
	if c.h.Kill != nil {
		c.h.Kill()
	}
}
