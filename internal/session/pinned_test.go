package session

import (
	"slices"
	"testing"

	"ctpipe/internal/board"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/outbox"
)

// TestPinsAreLikeTheServer: what the sticky post relies on holds for the fake
// chat and for the playground behind the real client alike.
func TestPinsAreLikeTheServer(t *testing.T) {
	srv, client := inPlayground(t)
	for name, c := range map[string]struct {
		chat    Chat
		channel string
	}{"fake": {chattest.New(), chattest.ChannelID}, "playground": {client, srv.ChannelID()}} {
		ctx := t.Context()
		p, err := c.chat.CreatePost(ctx, mattermost.NewPost{Channel: c.channel, Message: "list", Props: outbox.Props(board.ListKind), PendingID: mattermost.NewPendingID()})
		if err != nil {
			t.Fatal(err)
		}
		for _, pinned := range []bool{true, false} {
			if pinned {
				err = c.chat.Pin(ctx, p.ID)
			} else {
				err = c.chat.Unpin(ctx, p.ID)
			}
			all, err2 := c.chat.Pinned(ctx, c.channel)
			at := slices.IndexFunc(all, func(q mattermost.Post) bool { return q.ID == p.ID && q.Props["ctpipe"] == board.ListKind })
			if err != nil || err2 != nil || (at >= 0) != pinned {
				t.Errorf("%s: pinned %v, among the pinned at %d: %v %v", name, pinned, at, err, err2)
			}
		}
	}
}
