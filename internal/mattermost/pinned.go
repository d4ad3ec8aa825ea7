package mattermost

import "context"

// Pinned lists the pinned posts of a channel, oldest first.
func (c *Client) Pinned(ctx context.Context, channel string) ([]Post, error) {
	var page postList
	if err := c.get(ctx, &page, nil, "channels", channel, "pinned"); err != nil {
		return nil, err
	}
	found := map[string]Post{}
	collect(found, page)
	return oldestFirst(found), nil
}
