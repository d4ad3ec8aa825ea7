// Package chattest is a chat server in memory for tests, with the behaviour of
// the real one as far as sessions can tell. A test of package session holds it
// against the playground, which is held against samples of a real server.
package chattest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"ctpipe/internal/mattermost"
)

// Fate is what happens to one request of the fake chat.
type Fate struct {
	Delay time.Duration
	Err   error // instead of doing it
	Lost  error // after doing it: the answer never arrives
}

// Chat is the server. Its fields are for tests to look into and to set while
// they hold Mu.
type Chat struct {
	Mu       sync.Mutex
	n        int
	Posts    []*mattermost.Post               // alive, in order
	Pending  map[string]string                // pending id → post
	Under    map[string][]mattermost.Reaction // by post
	Users    map[string]mattermost.User
	Members  map[string]bool
	Typed    []time.Time
	Edits    map[string][]time.Time
	Texts    map[string][]string // every text that a post ever had
	Creates  int
	Files    map[string]mattermost.File // uploaded, by id
	Content  map[string]string          // of files, by id
	Attached map[string][]string        // ids of files by post
	// Fate, if set, says what becomes of each request.
	Fate func(op string) Fate
}

// The ids of the bot's account and of the one channel.
const (
	BotID     = "bot"
	ChannelID = "town"
)

// New makes a server with a bot and these people, whose ids are "u-" and their
// name.
func New(names ...string) *Chat {
	c := &Chat{Pending: map[string]string{}, Under: map[string][]mattermost.Reaction{}, Users: map[string]mattermost.User{},
		Members: map[string]bool{}, Edits: map[string][]time.Time{}, Texts: map[string][]string{},
		Files: map[string]mattermost.File{}, Content: map[string]string{}, Attached: map[string][]string{}}
	c.Users[BotID] = mattermost.User{ID: BotID, Username: "claude-code", IsBot: true}
	for _, name := range names {
		c.Users["u-"+name] = mattermost.User{ID: "u-" + name, Username: name, Roles: "system_user"}
		c.Members["u-"+name] = true
	}
	return c
}

// Refusal is a request that the server refuses.
func Refusal(status int, id string) error {
	return &mattermost.APIError{Op: "fake", Status: status, ID: id}
}

// Meet lets a request run into its fate; after is called when it was done.
func (c *Chat) Meet(ctx context.Context, op string, do func() error) error {
	var f Fate
	if c.Fate != nil {
		c.Mu.Lock()
		f = c.Fate(op)
		c.Mu.Unlock()
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.Err != nil {
		return f.Err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Mu.Lock()
	err := do()
	c.Mu.Unlock()
	if f.Lost != nil && err == nil {
		return f.Lost
	}
	return err
}

// Find is a post that is there, nil for any other; Mu is held.
func (c *Chat) Find(id string) *mattermost.Post {
	for _, p := range c.Posts {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// CreatePost makes a post of the bot's.
func (c *Chat) CreatePost(ctx context.Context, n mattermost.NewPost) (made mattermost.Post, err error) {
	err = c.Meet(ctx, "create", func() error {
		if id := c.Pending[n.PendingID]; id != "" {
			if p := c.Find(id); p != nil {
				made = *p
				return nil
			}
		}
		if n.Root != "" && c.Find(n.Root) == nil {
			return Refusal(400, "api.post.create_post.root_id.app_error")
		}
		made = *c.Add(BotID, n.Root, n.Message, n.Props)
		c.Pending[n.PendingID] = made.ID
		c.Attached[made.ID] = n.FileIDs
		c.Creates++
		return nil
	})
	return made, err
}

// Add makes a post of anybody's; Mu is held.
func (c *Chat) Add(user, root, text string, props map[string]any) *mattermost.Post {
	c.n++
	p := &mattermost.Post{ID: fmt.Sprintf("p%d", c.n), CreateAt: time.Now().UnixMilli(), UserID: user, ChannelID: ChannelID, RootID: root, Message: text, Props: maps.Clone(props)}
	c.Posts = append(c.Posts, p)
	c.Texts[p.ID] = append(c.Texts[p.ID], text)
	return p
}

// PatchPost edits one of the bot's posts.
func (c *Chat) PatchPost(ctx context.Context, id string, patch mattermost.PostPatch) (got mattermost.Post, err error) {
	err = c.Meet(ctx, "patch", func() error {
		p := c.Find(id)
		if p == nil {
			return Refusal(403, "api.context.permissions.app_error")
		}
		if patch.Message != nil {
			p.Message = *patch.Message
			c.Texts[id] = append(c.Texts[id], p.Message)
		}
		if patch.Props != nil {
			p.Props = maps.Clone(patch.Props)
		}
		c.Edits[id] = append(c.Edits[id], time.Now())
		got = *p
		return nil
	})
	return got, err
}

// GetPost gives a post.
func (c *Chat) GetPost(ctx context.Context, id string) (got mattermost.Post, err error) {
	err = c.Meet(ctx, "get", func() error {
		p := c.Find(id)
		if p == nil {
			return Refusal(404, "app.post.get.app_error")
		}
		got = *p
		return nil
	})
	return got, err
}

// DeletePost deletes a post.
func (c *Chat) DeletePost(ctx context.Context, id string) error {
	return c.Meet(ctx, "delete", func() error {
		c.Posts = slices.DeleteFunc(c.Posts, func(p *mattermost.Post) bool { return p.ID == id })
		return nil
	})
}

// Deletes is a person, or an admin, deleting a post.
func (c *Chat) Deletes(id string) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Posts = slices.DeleteFunc(c.Posts, func(p *mattermost.Post) bool { return p.ID == id })
}

// Thread is a thread's posts, oldest first.
func (c *Chat) Thread(ctx context.Context, root string) (got []mattermost.Post, err error) {
	err = c.Meet(ctx, "thread", func() error {
		if c.Find(root) == nil {
			return Refusal(404, "app.post.get.app_error")
		}
		for _, p := range c.Posts {
			if p.ID == root || p.RootID == root {
				got = append(got, *p)
			}
		}
		return nil
	})
	return got, err
}

// PostsSince is what was posted since then.
func (c *Chat) PostsSince(ctx context.Context, _ string, since int64) (ch mattermost.Changes, err error) {
	err = c.Meet(ctx, "since", func() error {
		for _, p := range c.Posts {
			if p.CreateAt >= since {
				ch.Posts = append(ch.Posts, *p)
			}
		}
		return nil
	})
	return ch, err
}

// AddReaction adds a reaction.
func (c *Chat) AddReaction(ctx context.Context, user, post, emoji string) error {
	return c.Meet(ctx, "react", func() error {
		if c.Find(post) == nil {
			return Refusal(404, "app.post.get.app_error")
		}
		c.Under[post] = append(c.Under[post], mattermost.Reaction{UserID: user, PostID: post, Emoji: emoji})
		return nil
	})
}

// Reactions are those under a post.
func (c *Chat) Reactions(ctx context.Context, post string) (got []mattermost.Reaction, err error) {
	err = c.Meet(ctx, "reactions", func() error {
		got = slices.Clone(c.Under[post])
		return nil
	})
	return got, err
}

// Typing notes when the bot types.
func (c *Chat) Typing(ctx context.Context, _, _ string) error {
	return c.Meet(ctx, "typing", func() error {
		c.Typed = append(c.Typed, time.Now())
		return nil
	})
}

// Said is what the bot has posted under root, in order.
func (c *Chat) Said(root string) []mattermost.Post {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	var got []mattermost.Post
	for _, p := range c.Posts {
		if p.RootID == root && p.UserID == BotID {
			got = append(got, *p)
		}
	}
	return got
}

// OfKind are the bot's posts of one kind.
func (c *Chat) OfKind(root, kind string) []mattermost.Post {
	return slices.DeleteFunc(c.Said(root), func(p mattermost.Post) bool { return p.Props["ctpipe"] != kind })
}

func (c *Chat) Marks(post string) []string {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	var got []string
	for _, r := range c.Under[post] {
		if r.UserID == BotID {
			got = append(got, r.Emoji)
		}
	}
	return got
}

// ErrCut is a connection that breaks.
var ErrCut = errors.New("connection reset")

// LostAnswer is the error of a create whose answer never came.
func LostAnswer() error { return fmt.Errorf("%w: %w", mattermost.ErrOutcomeUnknown, ErrCut) }
