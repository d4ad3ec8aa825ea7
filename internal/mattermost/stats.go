package mattermost

import "context"

// ChannelStats counts who is in a channel.
type ChannelStats struct {
	Members int `json:"member_count"`
	Guests  int `json:"guest_count"` // guest accounts among them
}

// ChannelStats fetches how many people and guests a channel has. The bot has
// to be in it.
func (c *Client) ChannelStats(ctx context.Context, id string) (ChannelStats, error) {
	var s ChannelStats
	err := c.get(ctx, &s, nil, "channels", id, "stats")
	return s, err
}
