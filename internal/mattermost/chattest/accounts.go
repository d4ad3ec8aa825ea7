package chattest

import "ctpipe/internal/mattermost"

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
