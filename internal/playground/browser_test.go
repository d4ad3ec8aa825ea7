package playground

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browserTools finds what the browser test needs. Without it the test is
// skipped, but in CI it fails: a page nobody has looked at is not tested.
func browserTools(t *testing.T) (node, chromium, e2e string) {
	t.Helper()
	missing := func(what string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	e2e, err := filepath.Abs("../../e2e")
	if err != nil {
		t.Fatal(err)
	}
	if node, err = exec.LookPath("node"); err != nil {
		missing("the page's test needs Node 20 or later: install nodejs")
	}
	if _, err := os.Stat(filepath.Join(e2e, "node_modules", "playwright-core")); err != nil {
		missing("the page's test needs playwright-core: run npm ci in e2e/")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if chromium, err = exec.LookPath(name); err == nil {
			return node, chromium, e2e
		}
	}
	missing("the page's test needs Chromium: apt-get install chromium, or set CHROMIUM to its path")
	return "", "", ""
}

// The page in a real browser; e2e/playground.mjs holds the steps. Screenshots go
// to $PLAYGROUND_SHOTS, or to the test's own folder.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	node, chromium, e2e := browserTools(t)
	s := started(t)
	out := os.Getenv("PLAYGROUND_SHOTS")
	if out == "" {
		out = t.TempDir()
	}
	cut := filepath.Join(out, "drop")
	_ = os.Remove(cut)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "playground.mjs")
	cmd.Dir = e2e
	cmd.Env = append(os.Environ(), "PAGE_URL="+s.URL(), "API_URL="+s.APIURL(), "BOT_TOKEN="+s.BotToken(),
		"CHANNEL="+s.ChannelID(), "CHROMIUM="+chromium, "OUT="+out)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			if os.Remove(cut) == nil {
				// A slow upgrade keeps the page away long enough to be seen away.
				s.SetFault(func(r *http.Request) Fault {
					if strings.HasSuffix(r.URL.Path, "/websocket") {
						return Fault{Delay: 500 * time.Millisecond}
					}
					return Fault{}
				})
				s.DropSockets()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	text, err := cmd.CombinedOutput()
	cancel()
	<-watched
	t.Logf("%s", text)
	if err != nil {
		t.Fatalf("the page's steps: %v", err)
	}
}
