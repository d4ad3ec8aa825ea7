package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/outbox"
	"ctpipe/internal/playground"
)

// TestFakeChatIsLikeTheServer earns the fake chat its place: what sessions rely
// on holds for it and for the playground behind the real client alike.
func TestFakeChatIsLikeTheServer(t *testing.T) {
	fake := chattest.New("alice")
	contract(t, "fake", fake, chattest.BotID, chattest.ChannelID, "u-alice", fake.Deletes)

	srv, client := inPlayground(t)
	contract(t, "playground", client, srv.UserID(srv.BotName()), srv.ChannelID(), srv.UserID("alice"),
		func(id string) { client.DeletePost(context.Background(), id) })
}

func contract(t *testing.T, name string, c Chat, me, channel, alice string, deletes func(string)) {
	t.Run(name, func(t *testing.T) {
		ctx := t.Context()
		root, err := c.CreatePost(ctx, mattermost.NewPost{Channel: channel, Message: "root"})
		if err != nil {
			t.Fatal(err)
		}
		draft := mattermost.NewPost{Channel: channel, Root: root.ID, Message: "a", PendingID: mattermost.NewPendingID(), Props: map[string]any{outbox.NonceProp: "n1"}}
		first, err := c.CreatePost(ctx, draft)
		again, err2 := c.CreatePost(ctx, draft)
		if err != nil || err2 != nil || first.ID != again.ID || first.UserID != me {
			t.Fatalf("the same pending id: %q %v, %q %v", first.ID, err, again.ID, err2)
		}
		text := "b"
		if _, err := c.PatchPost(ctx, first.ID, mattermost.PostPatch{Message: &text}); err != nil {
			t.Fatal(err)
		}
		posts, err := c.Thread(ctx, root.ID)
		if err != nil || len(posts) != 2 || posts[1].Message != "b" || posts[1].Props[outbox.NonceProp] != "n1" {
			t.Fatalf("thread: %+v %v", posts, err)
		}
		for range 2 {
			if err := c.AddReaction(ctx, me, first.ID, "+1"); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.Reactions(ctx, first.ID); err != nil || len(got) == 0 || got[0].UserID != me || got[0].Emoji != "+1" {
			t.Errorf("reactions: %+v %v", got, err)
		}
		deletes(first.ID)
		if _, err := c.PatchPost(ctx, first.ID, mattermost.PostPatch{Message: &text}); !errors.Is(err, mattermost.ErrForbidden) {
			t.Errorf("patching a deleted post: %v", err)
		}
		if _, err := c.GetPost(ctx, first.ID); !errors.Is(err, mattermost.ErrNotFound) {
			t.Errorf("getting a deleted post: %v", err)
		}
		if err := c.AddReaction(ctx, me, first.ID, "+1"); !outbox.Permanent(err) {
			t.Errorf("reacting to a deleted post: %v", err)
		}
		if err := c.DeletePost(ctx, first.ID); err != nil {
			t.Errorf("deleting twice: %v", err)
		}
		if _, err := c.ChannelMember(ctx, channel, alice); err != nil {
			t.Errorf("a member: %v", err)
		}
		if _, err := c.ChannelMember(ctx, channel, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(err, mattermost.ErrNotFound) {
			t.Errorf("nobody's membership: %v", err)
		}
		if got, err := c.ChannelStats(ctx, channel); err != nil || got.Members < 2 {
			t.Errorf("who is in the channel: %+v %v", got, err)
		}
		if _, err := c.User(ctx, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); err == nil {
			t.Error("an unknown user was found")
		}
		filesContract(t, c, channel)
	})
}

// inPlayground starts the playground and gives the bot's client of it.
func inPlayground(t *testing.T) (*playground.Server, *mattermost.Client) {
	t.Helper()
	srv, err := playground.New(playground.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		srv.Close(ctx)
	})
	client, err := mattermost.New(mattermost.Config{URL: srv.APIURL(), Token: srv.BotToken()})
	if err != nil {
		t.Fatal(err)
	}
	return srv, client
}
