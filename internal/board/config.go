package board

import (
	"context"
	"log/slog"

	"ctpipe/internal/clock"
	"ctpipe/internal/display"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// Chat is what a List needs of the chat server's client. *mattermost.Client is
// one; every call has its own deadline and retries.
type Chat interface {
	CreatePost(ctx context.Context, p mattermost.NewPost) (mattermost.Post, error)
	PatchPost(ctx context.Context, id string, patch mattermost.PostPatch) (mattermost.Post, error)
	GetPost(ctx context.Context, id string) (mattermost.Post, error)
	DeletePost(ctx context.Context, id string) error
	Thread(ctx context.Context, root string) ([]mattermost.Post, error)
	PostsSince(ctx context.Context, channel string, since int64) (mattermost.Changes, error)
	Pin(ctx context.Context, id string) error
	Unpin(ctx context.Context, id string) error
	Pinned(ctx context.Context, channel string) ([]mattermost.Post, error)
}

// Record remembers the list's post over restarts.
type Record interface {
	// Board gives what was saved last, or state.ErrNotFound.
	Board(ctx context.Context) (state.Board, error)
	SaveBoard(ctx context.Context, v state.Board) error
}

// Listing is what a List shows. The order of its Sessions does not matter.
type Listing struct {
	display.Sticky
	Wanted bool // false: the channel has no list
}

// ListConfig is what a List is made of.
type ListConfig struct {
	Chat    Chat
	Clock   clock.Clock
	Log     *slog.Logger
	Me      string // the bot's user id
	Channel mattermost.Channel
	Record  Record
	// Enqueue adds a task to the end of a lane that nobody else uses.
	Enqueue func(pipeline.Task) error
	// Listing gives what is to be shown now. It is called in the lane.
	Listing func(context.Context) (Listing, error)
	// Rooted reports that a session has its thread under a post.
	Rooted func(pipeline.PostID) bool
	// Fit takes credentials out of a text and keeps it within one post.
	Fit func(string) string
}
