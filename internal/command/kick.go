package command

import (
	"context"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

var kickCommand = Command{
	Name:  "kick",
	Usage: "!kick @user",
	Needs: 1,
	Takes: 1,
	Help:  "end an invitation, with its open votes and grants",
	Do:    kick,
}

// kick ends an invitation, and with it the open votes and the grants of whoever
// it was for.
func kick(ctx context.Context, c Call) {
	u, err := c.guest(ctx, c.arg())
	if err != nil {
		c.say(err.Error())
		return
	}
	name := markdown.Name(u.Name)
	who, err := c.Session.Person(ctx, u.ID)
	switch {
	case err != nil:
		c.Log.Warn("somebody cannot be kicked", "user", u.ID, "err", err)
		c.say(serverSilent("who " + name + " is"))
	case who.Owner:
		c.say("⚠️ Cannot kick session owner " + name)
	case who.Allowed:
		c.say("⚠️ " + name + " is globally allowed and cannot be kicked from individual sessions")
	case !who.Invited:
		c.say("⚠️ " + name + " was not in this session")
	default:
		c.Log.Info("somebody is kicked", "user", who.ID, "by", c.By.ID)
		c.Session.Uninvite(who.ID, "🚫 "+name+" removed from this session by "+c.by())
	}
}

// guest finds whom a name means among those who were invited, also where the
// server does not know the name any more.
func (c Call) guest(ctx context.Context, name string) (pipeline.User, error) {
	u, err := c.account(ctx, name)
	if err == nil {
		return u, nil
	}
	if known, ok := c.Session.Guest(bareName(name)); ok {
		return known, nil
	}
	return u, err
}
