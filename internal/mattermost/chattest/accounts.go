package chattest

import (
	"context"
	"slices"

	"ctpipe/internal/mattermost"
)

// Strange adds accounts that have no rights unless a rule gives them some.
func (c *Chat) Strange() map[string]mattermost.User {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	kinds := map[string]mattermost.User{
		"guest":  {ID: "u-guest", Username: "guest", Roles: "system_guest"},
		"gone":   {ID: "u-gone", Username: "gone", Roles: "system_user", DeleteAt: 1},
		"remote": {ID: "u-remote", Username: "remote:far", Roles: "system_user", RemoteID: "r1"},
		"robot":  {ID: "u-robot", Username: "robot", Roles: "system_user", IsBot: true},
	}
	for _, u := range kinds {
		c.Users[u.ID], c.Members[u.ID] = u, true
	}
	return kinds
}

// User is an account.
func (c *Chat) User(ctx context.Context, id string) (got mattermost.User, err error) {
	err = c.Meet(ctx, "user", func() error {
		u, ok := c.Users[id]
		if !ok {
			return Refusal(404, "app.user.missing_account.const")
		}
		got = u
		return nil
	})
	return got, err
}

// UsersByNames are the accounts with these names.
func (c *Chat) UsersByNames(ctx context.Context, names []string) (got []mattermost.User, err error) {
	err = c.Meet(ctx, "users", func() error {
		for _, u := range c.Users {
			if slices.Contains(names, u.Username) {
				got = append(got, u)
			}
		}
		return nil
	})
	return got, err
}

// ChannelMember is a membership.
func (c *Chat) ChannelMember(ctx context.Context, _, user string) (m mattermost.Member, err error) {
	err = c.Meet(ctx, "member", func() error {
		if !c.Members[user] {
			return Refusal(404, "app.channel.get_member.missing.app_error")
		}
		m = mattermost.Member{ChannelID: ChannelID, UserID: user}
		return nil
	})
	return m, err
}

// ChannelStats counts who is in the channel.
func (c *Chat) ChannelStats(ctx context.Context, _ string) (got mattermost.ChannelStats, err error) {
	err = c.Meet(ctx, "stats", func() error {
		got.Members = len(c.Members) + 1 // with the bot
		for id := range c.Members {
			if c.Users[id].Guest() {
				got.Guests++
			}
		}
		return nil
	})
	return got, err
}
