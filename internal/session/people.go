package session

import (
	"context"
	"time"

	"ctpipe/internal/roster"
	"ctpipe/pipeline"
)

// How long what the server said about an account is believed. Decisions about
// tool calls look again.
const (
	accountFor = 5 * time.Minute
	lookupWait = 10 * time.Second
)

// newRoster makes the roster of a host, under the policy in force.
func newRoster(h *Host) *roster.Roster {
	return roster.New(roster.Config{Chat: h.Chat, Channel: h.Channel.ID, Clock: h.Clock, Log: h.Log,
		Policy: func() roster.Policy { return h.peopleOf(h.Engine.Snapshot()) }})
}

// peopleOf is what a snapshot says about people.
func (h *Host) peopleOf(snap *pipeline.Snapshot) roster.Policy {
	set := h.Settings(snap)
	return roster.Policy{Rev: snap.Rev, Allowed: set.Allowed, Groups: set.Groups, OnDuty: set.OnDuty}
}

// Prepare resolves the names of a snapshot before its first event, and says
// which of them the server does not know.
func (h *Host) Prepare(ctx context.Context, snap *pipeline.Snapshot) (missing []string, err error) {
	return h.people.Prepare(ctx, h.peopleOf(snap))
}

// person says who somebody is here and now, and in s, which may be nil. An error
// means nobody.
func (h *Host) person(ctx context.Context, id pipeline.UserID, s *Session, maxAge time.Duration) (pipeline.User, error) {
	if s == nil {
		return h.people.Person(ctx, id, nil, maxAge)
	}
	return h.people.Person(ctx, id, s.standing, maxAge)
}

// member reports, as an error, that somebody is not in the channel.
func (h *Host) member(ctx context.Context, id pipeline.UserID) error { return h.people.Member(ctx, id) }

// guestFact fills in thread.guests.
func (h *Host) guestFact(ev *pipeline.Event) {
	some, known := h.people.GuestFact(h.ctx)
	if !known {
		ev.Unknown = append(ev.Unknown, "thread.guests")
	}
	ev.Thread.Guests = some
}
