package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/roster"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// inviteCommand lets an account of this channel take part in the session, by its
// id: what it is called later does not matter (I3).
func (s *Session) inviteCommand(c controlled) {
	u, err := s.host.named(c.ctx, c.e.Args[0])
	if err == nil {
		err = s.mayJoin(c.ctx, u)
	}
	if err != nil {
		s.notice(err.Error())
		return
	}
	s.invite(pipeline.UserID(u.ID), c.e.By.ID)
	s.log.Info("somebody was invited", "user", u.ID, "by", c.e.By.ID)
	s.notice("✅ @" + zeroWidth + u.Username + " can now participate in this session (invited by " + c.by() + ")")
	s.refreshHeader()
}

// mayJoin says, as an error for people, why somebody cannot be invited.
func (s *Session) mayJoin(ctx context.Context, u mattermost.User) error {
	name := "@" + zeroWidth + u.Username
	switch {
	case u.IsBot:
		return told("⚠️ " + name + " is a bot; only people take part in a session")
	case !u.Active():
		return told("⚠️ " + name + " is deactivated")
	}
	who, err := s.host.person(ctx, pipeline.UserID(u.ID), s, 0)
	if err != nil {
		s.log.Warn("somebody cannot be invited", "user", u.ID, "err", err)
		return told("❌ The chat server does not say who " + name + " is; try again in a moment")
	}
	if who.Owner || who.Invited || who.Allowed {
		return told("ℹ️ " + name + " takes part in this session already")
	}
	err = s.host.member(ctx, who.ID)
	switch {
	case errors.Is(err, mattermost.ErrNotFound):
		return told("⚠️ " + name + " is not in this channel: add them to it first")
	case err != nil:
		s.log.Warn("somebody cannot be invited", "user", u.ID, "err", err)
		return told("❌ The chat server does not say whether " + name + " is in this channel; try again in a moment")
	}
	return nil
}

// kickCommand ends an invitation, and with it the open votes and the grants of
// whoever it was for (I8).
func (s *Session) kickCommand(c controlled) {
	u, err := s.guest(c.ctx, c.e.Args[0])
	if err != nil {
		s.notice(err.Error())
		return
	}
	name := "@" + zeroWidth + u.Username
	who, err := s.host.person(c.ctx, pipeline.UserID(u.ID), s, 0)
	switch {
	case err != nil:
		s.log.Warn("somebody cannot be kicked", "user", u.ID, "err", err)
		s.notice("❌ The chat server does not say who " + name + " is; try again in a moment")
	case who.Owner:
		s.notice("⚠️ Cannot kick session owner " + name)
	case who.Allowed:
		s.notice("⚠️ " + name + " is globally allowed and cannot be kicked from individual sessions")
	case !who.Invited:
		s.notice("⚠️ " + name + " was not in this session")
	default:
		s.uninvite(who.ID)
		s.log.Info("somebody was kicked", "user", who.ID, "by", c.e.By.ID)
		s.notice("🚫 " + name + " removed from this session by " + c.by())
		s.refreshHeader()
	}
}

// uninvite takes somebody out of this session, also after a restart.
func (s *Session) uninvite(id pipeline.UserID) {
	s.mu.Lock()
	delete(s.invited, id)
	s.top.people = slices.DeleteFunc(s.top.people, func(other pipeline.UserID) bool { return other == id })
	s.mu.Unlock()
	s.left(id)
	s.dropGrantsOf(id)
	if s.host.Store == nil {
		return
	}
	err := s.host.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
		err := s.host.Store.Uninvite(context.WithoutCancel(ctx), s.id, id)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			s.log.Warn("the end of an invitation is not kept", "user", id, "err", err)
		}
	})
	if err != nil {
		s.log.Warn("the end of an invitation is not kept", "user", id, "err", err)
	}
}

// guest finds whom a name means among those who were invited, also where the
// server does not know the name any more.
func (s *Session) guest(ctx context.Context, name string) (mattermost.User, error) {
	u, err := s.host.named(ctx, name)
	if err == nil {
		return u, nil
	}
	bare := strings.ToLower(strings.TrimPrefix(name, "@"))
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.invited {
		if strings.EqualFold(s.name(id), bare) {
			return mattermost.User{ID: string(id), Username: s.name(id)}, nil
		}
	}
	return mattermost.User{}, err
}

// named is the account that a name means now. The error is for people.
func (h *Host) named(ctx context.Context, name string) (mattermost.User, error) {
	bare := strings.ToLower(strings.TrimPrefix(name, "@"))
	if !roster.IsName(name) {
		return mattermost.User{}, told("⚠️ " + markdown.CodeSpan(cutRunes(name, 64)) + " is no user name" + lookAlikes(bare))
	}
	u, found, err := h.people.Named(ctx, name)
	switch {
	case err != nil:
		h.Log.Warn("looking up a user", "err", err)
		return mattermost.User{}, told("❌ The chat server does not say who @" + zeroWidth + bare + " is; try again in a moment")
	case !found:
		return mattermost.User{}, told("⚠️ There is no user @" + zeroWidth + bare)
	}
	return u, nil
}

// lookAlikes names the letters of a name that no user name has: a Cyrillic а
// passes for a Latin one with every reader (I4).
func lookAlikes(name string) string {
	var odd []string
	for _, r := range name {
		if r > '~' && len(odd) < 8 {
			odd = append(odd, fmt.Sprintf("%s is U+%04X", markdown.CodeSpan(string(r)), r))
		}
	}
	if len(odd) == 0 {
		return ""
	}
	return ": user names have plain letters, and " + strings.Join(odd, ", ")
}
