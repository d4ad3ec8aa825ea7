package mattermost

import (
	"context"
	"net/http"
)

// Reaction is one account's emoji under a post.
type Reaction struct {
	UserID   string `json:"user_id"`
	PostID   string `json:"post_id"`
	Emoji    string `json:"emoji_name"` // without colons: "thumbsup"
	CreateAt int64  `json:"create_at"`  // milliseconds; 0 in reaction_removed
}

// AddReaction reacts to a post in the token's own name: userID must be its
// account. Adding a reaction that is there succeeds and is announced again.
func (c *Client) AddReaction(ctx context.Context, userID, postID, emoji string) error {
	body := map[string]string{"user_id": userID, "post_id": postID, "emoji_name": emoji}
	return c.send(ctx, http.MethodPost, repeatSafe, body, nil, "reactions")
}

// RemoveReaction takes a reaction back. Removing an absent one succeeds and is
// announced all the same.
func (c *Client) RemoveReaction(ctx context.Context, userID, postID, emoji string) error {
	return c.send(ctx, http.MethodDelete, repeatSafe, nil, nil, "users", userID, "posts", postID, "reactions", emoji)
}

// Reactions lists all reactions to a post.
func (c *Client) Reactions(ctx context.Context, postID string) ([]Reaction, error) {
	var all []Reaction
	err := c.get(ctx, &all, nil, "posts", postID, "reactions")
	return all, err
}
