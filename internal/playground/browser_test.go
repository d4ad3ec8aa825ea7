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

	"ctpipe/internal/playground/pagetest"
)

// The page in a real browser; e2e/playground.mjs holds the steps. Screenshots go
// to $PLAYGROUND_SHOTS, or to the test's own folder.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	tools := pagetest.Find(t, "../..")
	s := started(t)
	out := os.Getenv("PLAYGROUND_SHOTS")
	if out == "" {
		out = t.TempDir()
	}
	cut := filepath.Join(out, "drop")
	_ = os.Remove(cut)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tools.Node, "playground.mjs")
	cmd.Dir = tools.E2E
	cmd.Env = append(os.Environ(), "PAGE_URL="+s.URL(), "API_URL="+s.APIURL(), "BOT_TOKEN="+s.BotToken(),
		"CHANNEL="+s.ChannelID(), "CHROMIUM="+tools.Chromium, "OUT="+out)
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
