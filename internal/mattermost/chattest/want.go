package chattest

import (
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
)

// Messages are the texts of posts.
func Messages(posts []mattermost.Post) []string {
	var out []string
	for _, p := range posts {
		out = append(out, p.Message)
	}
	return out
}

// Want fails the test if a thread does not show exactly these texts.
func Want(t testing.TB, got []string, texts ...string) {
	t.Helper()
	if !slices.Equal(got, texts) {
		t.Errorf("the thread shows\n%s\nwant\n%s", strings.Join(got, "\n---\n"), strings.Join(texts, "\n---\n"))
	}
}
