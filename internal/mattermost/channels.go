package mattermost

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Channel is a place for threads: public (Type "O"), private ("P"), direct
// ("D") or group message ("G").
type Channel struct {
	ID          string `json:"id"`
	TeamID      string `json:"team_id"` // "" for direct and group messages
	Type        string `json:"type"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Header      string `json:"header"`
	Purpose     string `json:"purpose"`
	DeleteAt    int64  `json:"delete_at"` // not 0: archived
	Shared      bool   `json:"shared"`    // with another server
}

// Direct reports a direct or group message.
func (c Channel) Direct() bool { return c.Type == "D" || c.Type == "G" }

// Member is an account's membership in a channel.
type Member struct {
	ChannelID   string `json:"channel_id"`
	UserID      string `json:"user_id"`
	Roles       string `json:"roles"` // separated by spaces
	SchemeGuest bool   `json:"scheme_guest"`
	SchemeAdmin bool   `json:"scheme_admin"`
}

// Guest reports that the member is a guest of the channel.
func (m Member) Guest() bool {
	return m.SchemeGuest || slices.Contains(strings.Fields(m.Roles), "channel_guest")
}

// Team is a group of channels.
type Team struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	DeleteAt    int64  `json:"delete_at"`
}

// Channel fetches a channel by id.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	var ch Channel
	err := c.get(ctx, &ch, nil, "channels", id)
	return ch, err
}

// ChannelByName fetches a channel by the names of its team and its own, as in its URL.
func (c *Client) ChannelByName(ctx context.Context, team, name string) (Channel, error) {
	var ch Channel
	err := c.get(ctx, &ch, nil, "teams", "name", team, "channels", "name", name)
	return ch, err
}

// ChannelMembers lists all members of a channel.
func (c *Client) ChannelMembers(ctx context.Context, id string) ([]Member, error) {
	var all []Member
	for page := 0; ; page++ {
		var some []Member
		query := url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)}}
		if err := c.get(ctx, &some, query, "channels", id, "members"); err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < pageSize {
			return all, nil
		}
	}
}

// ChannelMember fetches one membership; ErrNotFound if there is none.
func (c *Client) ChannelMember(ctx context.Context, channel, user string) (Member, error) {
	var m Member
	err := c.get(ctx, &m, nil, "channels", channel, "members", user)
	return m, err
}

// Team fetches a team by id.
func (c *Client) Team(ctx context.Context, id string) (Team, error) {
	var t Team
	err := c.get(ctx, &t, nil, "teams", id)
	return t, err
}

// TeamByName fetches a team by its name, as in URLs.
func (c *Client) TeamByName(ctx context.Context, name string) (Team, error) {
	var t Team
	err := c.get(ctx, &t, nil, "teams", "name", name)
	return t, err
}
