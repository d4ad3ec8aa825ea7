package mattermost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/google/uuid"
)

// NewPost is a post to be made.
type NewPost struct {
	Channel string
	Root    string // the thread's root post, "" to begin a thread; see Post.RootOrSelf
	Message string // at most ServerLimits.MaxPostRunes runes
	Props   map[string]any
	FileIDs []string // from UploadFile; each can be attached once
	// PendingID makes repeats of one post harmless and comes back in the Posted
	// event, which usually arrives before CreatePost returns. Every account of
	// the server shares one name space, so it must be hard to guess. "" means a new one.
	PendingID string
}

// NewPendingID makes a value for NewPost.PendingID.
func NewPendingID() string { return "ctpipe:" + uuid.NewString() }

// CreatePost makes a post, once, however often it must be sent: repeats carry
// the same PendingID and stop before the server forgets it. An error that wraps
// ErrOutcomeUnknown means the post may have been made.
func (c *Client) CreatePost(ctx context.Context, p NewPost) (Post, error) {
	if p.PendingID == "" {
		p.PendingID = NewPendingID()
	}
	body := struct {
		Channel   string         `json:"channel_id"`
		Root      string         `json:"root_id,omitempty"`
		Message   string         `json:"message"`
		Props     map[string]any `json:"props,omitempty"`
		FileIDs   []string       `json:"file_ids,omitempty"`
		PendingID string         `json:"pending_post_id"`
	}(p)
	var made Post
	err := c.send(ctx, http.MethodPost, repeatPending, body, &made, "posts")
	return made, err
}

// PostPatch says what to change; nil leaves a part as it is.
type PostPatch struct {
	Message *string
	// Props replaces all props of the post, not only the given keys; from_bot is
	// put back, because without it the post would look like a person's.
	Props map[string]any
}

// PatchPost edits a post. A deleted or unknown post answers ErrForbidden, like
// somebody else's. Concurrent patches of one post may be applied in any order.
func (c *Client) PatchPost(ctx context.Context, id string, patch PostPatch) (Post, error) {
	body := struct {
		Message *string        `json:"message,omitempty"`
		Props   map[string]any `json:"props,omitempty"`
	}{Message: patch.Message}
	if patch.Props != nil {
		body.Props = maps.Clone(patch.Props)
		body.Props["from_bot"] = "true"
	}
	var edited Post
	err := c.send(ctx, http.MethodPut, repeatSafe, body, &edited, "posts", id, "patch")
	return edited, err
}

// GetPost fetches one post; a deleted one is ErrNotFound.
func (c *Client) GetPost(ctx context.Context, id string) (Post, error) {
	var p Post
	err := c.get(ctx, &p, nil, "posts", id)
	return p, err
}

// DeletePost deletes a post and, if it is a root, its replies. A post that is
// gone already is no error: the server answers 403 to that, so it is asked
// whether the post still exists before a 403 is believed.
func (c *Client) DeletePost(ctx context.Context, id string) error {
	err := c.send(ctx, http.MethodDelete, repeatSafe, nil, nil, "posts", id)
	if !errors.Is(err, ErrForbidden) {
		return err
	}
	if _, look := c.GetPost(ctx, id); errors.Is(look, ErrNotFound) {
		return nil
	}
	return err
}

// Pin pins a post to its channel; it arrives as Edited.
func (c *Client) Pin(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodPost, repeatSafe, nil, nil, "posts", id, "pin")
}

// Unpin takes a pin off a post; it arrives as Edited.
func (c *Client) Unpin(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodPost, repeatSafe, nil, nil, "posts", id, "unpin")
}

// Typing shows "… is typing" in a channel, or in the thread of parent. The
// server shows it for a few seconds.
func (c *Client) Typing(ctx context.Context, channel, parent string) error {
	body := map[string]string{"channel_id": channel}
	if parent != "" {
		body["parent_id"] = parent
	}
	if err := c.send(ctx, http.MethodPost, repeatNever, body, nil, "users", "me", "typing"); err != nil {
		return fmt.Errorf("typing: %w", err)
	}
	return nil
}
