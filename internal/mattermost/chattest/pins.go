package chattest

import (
	"context"

	"ctpipe/internal/mattermost"
)

// Pin pins a post.
func (c *Chat) Pin(ctx context.Context, id string) error {
	return c.Meet(ctx, "pin", func() error {
		p := c.Find(id)
		if p == nil {
			return Refusal(404, "app.post.get.app_error")
		}
		p.IsPinned = true
		return nil
	})
}

// Unpin takes a pin away.
func (c *Chat) Unpin(ctx context.Context, id string) error {
	return c.Meet(ctx, "unpin", func() error {
		if p := c.Find(id); p != nil {
			p.IsPinned = false
		}
		return nil
	})
}

// Pinned are the pinned posts, oldest first.
func (c *Chat) Pinned(ctx context.Context, _ string) (got []mattermost.Post, err error) {
	err = c.Meet(ctx, "pinned", func() error {
		for _, p := range c.Posts {
			if p.IsPinned {
				got = append(got, *p)
			}
		}
		return nil
	})
	return got, err
}
