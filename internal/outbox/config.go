package outbox

import (
	"context"
	"io"
	"log/slog"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Chat is what an outbox needs of the chat server's client. *mattermost.Client
// is one.
type Chat interface {
	CreatePost(ctx context.Context, p mattermost.NewPost) (mattermost.Post, error)
	PatchPost(ctx context.Context, id string, patch mattermost.PostPatch) (mattermost.Post, error)
	GetPost(ctx context.Context, id string) (mattermost.Post, error)
	DeletePost(ctx context.Context, id string) error
	Thread(ctx context.Context, root string) ([]mattermost.Post, error)
	PostsSince(ctx context.Context, channel string, since int64) (mattermost.Changes, error)
	AddReaction(ctx context.Context, userID, postID, emoji string) error
	Reactions(ctx context.Context, postID string) ([]mattermost.Reaction, error)
	UploadFile(ctx context.Context, channel, name string, content io.Reader) (mattermost.File, error)
}

// Config is what an outbox is made of.
type Config struct {
	Chat    Chat
	Clock   clock.Clock
	Log     *slog.Logger
	Me      string // the bot's user id
	Channel string
	Root    string // of the thread; "" posts into the channel itself
	Limit   int    // runes of a post, 0 if nobody said
	// Posted, which may be nil, is told of each post as it is made.
	Posted func(id pipeline.PostID, key string)
	// Ready, which may be nil, is told of each watched post when its seeds are
	// set, with what others had reacted by then: nobody's early vote is lost.
	Ready func(key string, id pipeline.PostID, early []mattermost.Reaction)
	// Refused, which may be nil, is told of a post that the server will never
	// take.
	Refused func(key string, err error)
}
