package session

import (
	"errors"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
)

// filesContract is what sessions rely on about attachments, of the fake chat
// and of the server alike.
func filesContract(t *testing.T, c Chat, channel string) {
	ctx := t.Context()
	up, err := c.UploadFile(ctx, channel, "a b.txt", strings.NewReader("twelve bytes"))
	if err != nil || up.ID == "" {
		t.Fatalf("%+v %v", up, err)
	}
	p, err := c.CreatePost(ctx, mattermost.NewPost{Channel: channel, Message: "see", PendingID: mattermost.NewPendingID(), FileIDs: []string{up.ID}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.PostFiles(ctx, p.ID)
	if err != nil || len(got) != 1 || got[0].ID != up.ID || got[0].Name != "a b.txt" || got[0].Size != 12 {
		t.Errorf("described as %+v %v", got, err)
	}
	var whole strings.Builder
	if n, err := c.DownloadFile(ctx, up.ID, &whole, 12); err != nil || n != 12 || whole.String() != "twelve bytes" {
		t.Errorf("%d %q %v", n, whole.String(), err)
	}
	if _, err := c.DownloadFile(ctx, up.ID, &whole, 11); !errors.Is(err, mattermost.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := c.DownloadFile(ctx, "aaaaaaaaaaaaaaaaaaaaaaaaaa", &whole, 11); err == nil || !outbox.Permanent(err) {
		t.Errorf("an unknown file: %v", err)
	}
}
