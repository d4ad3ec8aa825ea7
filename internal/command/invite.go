package command

import (
	"context"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

var inviteCommand = Command{
	Name:  "invite",
	Usage: "!invite @user",
	Needs: 1,
	Takes: 1,
	Help:  "let somebody take part in this session",
	Do:    invite,
}

// invite lets an account of this channel take part in the session, by its id:
// what it is called later does not matter.
func invite(ctx context.Context, c Call) {
	u, err := c.account(ctx, c.arg())
	if err == nil {
		err = c.mayJoin(ctx, u)
	}
	if err != nil {
		c.say(err.Error())
		return
	}
	c.Log.Info("somebody is invited", "user", u.ID, "by", c.By.ID)
	c.Session.Invite(u.ID, c.By.ID, "✅ "+markdown.Name(u.Name)+" can now participate in this session (invited by "+c.by()+")")
}

// mayJoin says, as a UserError, why somebody cannot be invited.
func (c Call) mayJoin(ctx context.Context, u pipeline.User) error {
	name := markdown.Name(u.Name)
	switch {
	case u.Bot:
		return UserError("⚠️ " + name + " is a bot; only people take part in a session")
	case !u.Active:
		return UserError("⚠️ " + name + " is deactivated")
	}
	who, err := c.Session.Person(ctx, u.ID)
	if err != nil {
		c.Log.Warn("somebody cannot be invited", "user", u.ID, "err", err)
		return UserError(serverSilent("who " + name + " is"))
	}
	if pipeline.TakesPart(who) {
		return UserError("ℹ️ " + name + " takes part in this session already")
	}
	member, err := c.Host.Member(ctx, who.ID)
	switch {
	case err != nil:
		c.Log.Warn("somebody cannot be invited", "user", u.ID, "err", err)
		return UserError(serverSilent("whether " + name + " is in this channel"))
	case !member:
		return UserError("⚠️ " + name + " is not in this channel: add them to it first")
	}
	return nil
}
