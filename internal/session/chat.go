package session

import (
	"context"
	"io"

	"ctpipe/internal/mattermost"
)

// Chat is the part of the chat server's client that sessions use.
// *mattermost.Client is one; every call has its own deadline and retries.
type Chat interface {
	CreatePost(ctx context.Context, p mattermost.NewPost) (mattermost.Post, error)
	PatchPost(ctx context.Context, id string, patch mattermost.PostPatch) (mattermost.Post, error)
	GetPost(ctx context.Context, id string) (mattermost.Post, error)
	DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (int64, error)
	PostFiles(ctx context.Context, postID string) ([]mattermost.File, error)
	UploadFile(ctx context.Context, channel, name string, content io.Reader) (mattermost.File, error)
	DeletePost(ctx context.Context, id string) error
	Pin(ctx context.Context, id string) error
	Unpin(ctx context.Context, id string) error
	Pinned(ctx context.Context, channel string) ([]mattermost.Post, error)
	Thread(ctx context.Context, root string) ([]mattermost.Post, error)
	PostsSince(ctx context.Context, channel string, since int64) (mattermost.Changes, error)
	AddReaction(ctx context.Context, userID, postID, emoji string) error
	Reactions(ctx context.Context, postID string) ([]mattermost.Reaction, error)
	Typing(ctx context.Context, channel, parent string) error
	User(ctx context.Context, id string) (mattermost.User, error)
	UsersByNames(ctx context.Context, names []string) ([]mattermost.User, error)
	ChannelMember(ctx context.Context, channel, user string) (mattermost.Member, error)
	ChannelStats(ctx context.Context, channel string) (mattermost.ChannelStats, error)
}
