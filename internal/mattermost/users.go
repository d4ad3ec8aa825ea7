package mattermost

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// User is an account. Names change hands; only ID identifies.
type User struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Nickname  string `json:"nickname"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Roles     string `json:"roles"`     // separated by spaces
	DeleteAt  int64  `json:"delete_at"` // not 0: deactivated then
	IsBot     bool   `json:"is_bot"`
	RemoteID  string `json:"remote_id"` // not "": an account of another server, seen through a shared channel
}

// Active reports that the account is not deactivated.
func (u User) Active() bool { return u.DeleteAt == 0 }

// Guest reports a guest account.
func (u User) Guest() bool { return slices.Contains(strings.Fields(u.Roles), "system_guest") }

// Remote reports an account of another server.
func (u User) Remote() bool { return u.RemoteID != "" }

// Me is the account that the token belongs to.
func (c *Client) Me(ctx context.Context) (User, error) { return c.user(ctx, "me") }

// User fetches an account by id.
func (c *Client) User(ctx context.Context, id string) (User, error) { return c.user(ctx, id) }

func (c *Client) user(ctx context.Context, path ...string) (User, error) {
	var u User
	err := c.get(ctx, &u, nil, append([]string{"users"}, path...)...)
	return u, err
}

// UsersByNames fetches accounts by name, in no particular order. Unknown names are left out.
func (c *Client) UsersByNames(ctx context.Context, names []string) ([]User, error) {
	var all []User
	for chunk := range slices.Chunk(names, pageSize) {
		var some []User
		if err := c.send(ctx, http.MethodPost, repeatSafe, chunk, &some, "users", "usernames"); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
