package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"ctpipe/internal/mattermost"
)

// fate is what happens to one request of the fake chat.
type fate struct {
	delay time.Duration
	err   error // instead of doing it
	lost  error // after doing it: the answer never arrives
}

// fakeChat is a chat server in memory with the behaviour of the real one as
// far as sessions can tell; contract_test.go holds it against the playground.
type fakeChat struct {
	mu        sync.Mutex
	n         int
	posts     []*mattermost.Post // alive, in order
	pending   map[string]string  // pending id → post
	reactions map[string][]mattermost.Reaction
	users     map[string]mattermost.User
	members   map[string]bool
	typing    []time.Time
	edits     map[string][]time.Time
	texts     map[string][]string // every text that a post ever had
	creates   int
	files     map[string]mattermost.File // uploaded, by id
	content   map[string]string          // of files, by id
	attached  map[string][]string        // ids of files by post
	fate      func(op string) fate
}

const (
	botID     = "bot"
	channelID = "town"
)

func newFakeChat(names ...string) *fakeChat {
	c := &fakeChat{pending: map[string]string{}, reactions: map[string][]mattermost.Reaction{}, users: map[string]mattermost.User{},
		members: map[string]bool{}, edits: map[string][]time.Time{}, texts: map[string][]string{},
		files: map[string]mattermost.File{}, content: map[string]string{}, attached: map[string][]string{}}
	c.users[botID] = mattermost.User{ID: botID, Username: "claude-code", IsBot: true}
	for _, name := range names {
		c.users["u-"+name] = mattermost.User{ID: "u-" + name, Username: name, Roles: "system_user"}
		c.members["u-"+name] = true
	}
	return c
}

func refusal(status int, id string) error {
	return &mattermost.APIError{Op: "fake", Status: status, ID: id}
}

// meet lets a request run into its fate; after is called when it was done.
func (c *fakeChat) meet(ctx context.Context, op string, do func() error) error {
	var f fate
	if c.fate != nil {
		c.mu.Lock()
		f = c.fate(op)
		c.mu.Unlock()
	}
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.err != nil {
		return f.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	err := do()
	c.mu.Unlock()
	if f.lost != nil && err == nil {
		return f.lost
	}
	return err
}

func (c *fakeChat) find(id string) *mattermost.Post {
	for _, p := range c.posts {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (c *fakeChat) CreatePost(ctx context.Context, n mattermost.NewPost) (made mattermost.Post, err error) {
	err = c.meet(ctx, "create", func() error {
		if id := c.pending[n.PendingID]; id != "" {
			if p := c.find(id); p != nil {
				made = *p
				return nil
			}
		}
		if n.Root != "" && c.find(n.Root) == nil {
			return refusal(400, "api.post.create_post.root_id.app_error")
		}
		made = *c.add(botID, n.Root, n.Message, n.Props)
		c.pending[n.PendingID] = made.ID
		c.attached[made.ID] = n.FileIDs
		c.creates++
		return nil
	})
	return made, err
}

func (c *fakeChat) UploadFile(ctx context.Context, _, name string, content io.Reader) (got mattermost.File, err error) {
	data, err := io.ReadAll(content)
	if err != nil {
		return got, err
	}
	err = c.meet(ctx, "upload", func() error {
		if len(data) == 0 {
			return refusal(400, "api.file.upload_file.read_request.app_error")
		}
		c.n++
		got = mattermost.File{ID: fmt.Sprintf("f%d", c.n), Name: name, Size: int64(len(data))}
		c.files[got.ID], c.content[got.ID] = got, string(data)
		return nil
	})
	return got, err
}

// attach gives a post of a person's files, as the server describes them.
func (c *fakeChat) attach(post *mattermost.Post, files ...mattermost.File) {
	for _, f := range files {
		c.n++
		f.ID = fmt.Sprintf("f%d", c.n)
		if f.Extension != "" {
			c.content[f.ID] = f.Extension // tests say the content there; a file without any is gone
		}
		f.Extension, f.Size = "", int64(len(c.content[f.ID]))
		c.files[f.ID] = f
		post.FileIDs = append(post.FileIDs, f.ID)
		post.Metadata.Files = append(post.Metadata.Files, f)
	}
}

func (c *fakeChat) DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (n int64, err error) {
	err = c.meet(ctx, "download "+id, func() error {
		text, ok := c.content[id]
		switch {
		case !ok:
			return refusal(404, "app.file_info.get.app_error")
		case int64(len(text)) > limit:
			return fmt.Errorf("%d bytes: %w", len(text), mattermost.ErrTooLarge)
		}
		written, err := io.WriteString(w, text)
		n = int64(written)
		return err
	})
	return n, err
}

func (c *fakeChat) PostFiles(ctx context.Context, post string) (got []mattermost.File, err error) {
	err = c.meet(ctx, "files", func() error {
		if p := c.find(post); p != nil {
			for _, id := range append(c.attached[p.ID], p.FileIDs...) {
				got = append(got, c.files[id])
			}
		}
		return nil
	})
	return got, err
}

func (c *fakeChat) add(user, root, text string, props map[string]any) *mattermost.Post {
	c.n++
	p := &mattermost.Post{ID: fmt.Sprintf("p%d", c.n), CreateAt: time.Now().UnixMilli(), UserID: user, ChannelID: channelID, RootID: root, Message: text, Props: maps.Clone(props)}
	c.posts = append(c.posts, p)
	c.texts[p.ID] = append(c.texts[p.ID], text)
	return p
}

func (c *fakeChat) PatchPost(ctx context.Context, id string, patch mattermost.PostPatch) (got mattermost.Post, err error) {
	err = c.meet(ctx, "patch", func() error {
		p := c.find(id)
		if p == nil {
			return refusal(403, "api.context.permissions.app_error")
		}
		if patch.Message != nil {
			p.Message = *patch.Message
			c.texts[id] = append(c.texts[id], p.Message)
		}
		if patch.Props != nil {
			p.Props = maps.Clone(patch.Props)
		}
		c.edits[id] = append(c.edits[id], time.Now())
		got = *p
		return nil
	})
	return got, err
}

func (c *fakeChat) GetPost(ctx context.Context, id string) (got mattermost.Post, err error) {
	err = c.meet(ctx, "get", func() error {
		p := c.find(id)
		if p == nil {
			return refusal(404, "app.post.get.app_error")
		}
		got = *p
		return nil
	})
	return got, err
}

func (c *fakeChat) DeletePost(ctx context.Context, id string) error {
	return c.meet(ctx, "delete", func() error {
		c.posts = slices.DeleteFunc(c.posts, func(p *mattermost.Post) bool { return p.ID == id })
		return nil
	})
}

// deletes is a person, or an admin, deleting a post.
func (c *fakeChat) deletes(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts = slices.DeleteFunc(c.posts, func(p *mattermost.Post) bool { return p.ID == id })
}

func (c *fakeChat) Thread(ctx context.Context, root string) (got []mattermost.Post, err error) {
	err = c.meet(ctx, "thread", func() error {
		if c.find(root) == nil {
			return refusal(404, "app.post.get.app_error")
		}
		for _, p := range c.posts {
			if p.ID == root || p.RootID == root {
				got = append(got, *p)
			}
		}
		return nil
	})
	return got, err
}

func (c *fakeChat) PostsSince(ctx context.Context, _ string, since int64) (ch mattermost.Changes, err error) {
	err = c.meet(ctx, "since", func() error {
		for _, p := range c.posts {
			if p.CreateAt >= since {
				ch.Posts = append(ch.Posts, *p)
			}
		}
		return nil
	})
	return ch, err
}

func (c *fakeChat) AddReaction(ctx context.Context, user, post, emoji string) error {
	return c.meet(ctx, "react", func() error {
		if c.find(post) == nil {
			return refusal(404, "app.post.get.app_error")
		}
		c.reactions[post] = append(c.reactions[post], mattermost.Reaction{UserID: user, PostID: post, Emoji: emoji})
		return nil
	})
}

func (c *fakeChat) Reactions(ctx context.Context, post string) (got []mattermost.Reaction, err error) {
	err = c.meet(ctx, "reactions", func() error {
		got = slices.Clone(c.reactions[post])
		return nil
	})
	return got, err
}

func (c *fakeChat) Typing(ctx context.Context, _, _ string) error {
	return c.meet(ctx, "typing", func() error {
		c.typing = append(c.typing, time.Now())
		return nil
	})
}

func (c *fakeChat) User(ctx context.Context, id string) (got mattermost.User, err error) {
	err = c.meet(ctx, "user", func() error {
		u, ok := c.users[id]
		if !ok {
			return refusal(404, "app.user.missing_account.const")
		}
		got = u
		return nil
	})
	return got, err
}

func (c *fakeChat) UsersByNames(ctx context.Context, names []string) (got []mattermost.User, err error) {
	err = c.meet(ctx, "users", func() error {
		for _, u := range c.users {
			if slices.Contains(names, u.Username) {
				got = append(got, u)
			}
		}
		return nil
	})
	return got, err
}

func (c *fakeChat) ChannelMember(ctx context.Context, _, user string) (m mattermost.Member, err error) {
	err = c.meet(ctx, "member", func() error {
		if !c.members[user] {
			return refusal(404, "app.channel.get_member.missing.app_error")
		}
		m = mattermost.Member{ChannelID: channelID, UserID: user}
		return nil
	})
	return m, err
}

func (c *fakeChat) ChannelStats(ctx context.Context, _ string) (got mattermost.ChannelStats, err error) {
	err = c.meet(ctx, "stats", func() error {
		got.Members = len(c.members) + 1 // with the bot
		for id := range c.members {
			if c.users[id].Guest() {
				got.Guests++
			}
		}
		return nil
	})
	return got, err
}

// thread is what the bot has posted under root, in order.
func (c *fakeChat) thread(root string) []mattermost.Post {
	c.mu.Lock()
	defer c.mu.Unlock()
	var got []mattermost.Post
	for _, p := range c.posts {
		if p.RootID == root && p.UserID == botID {
			got = append(got, *p)
		}
	}
	return got
}

// ofKind are the bot's posts of one kind.
func (c *fakeChat) ofKind(root, kind string) []mattermost.Post {
	return slices.DeleteFunc(c.thread(root), func(p mattermost.Post) bool { return p.Props["ctpipe"] != kind })
}

func (c *fakeChat) reacted(post string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var got []string
	for _, r := range c.reactions[post] {
		if r.UserID == botID {
			got = append(got, r.Emoji)
		}
	}
	return got
}

var errCut = errors.New("connection reset")

var _ Chat = (*fakeChat)(nil)

// lost is the error of a create whose answer never came.
func lostAnswer() error { return fmt.Errorf("%w: %w", mattermost.ErrOutcomeUnknown, errCut) }
