package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ctpipe/internal/claude/claudetest"
	"ctpipe/internal/playground/pagetest"
)

// TestSpineInABrowser is the tour of the README with the real CLI, on the page;
// e2e/spine.mjs holds the steps. It writes the README's picture into
// $SPINE_SHOTS, or into the test's own folder.
func TestSpineInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	tools := pagetest.Find(t, "../..")
	words := claudetest.Say("This repository is a small one:\n\n" +
		"| file | what it is |\n|:--|:--|\n| `README.md` | what the project is for |\n| `CHANGELOG.md` | what changed, newest first |\n\n" +
		"There is **no code yet**, so the first step is yours: say what it should do, and I will begin with a test.\n\n" +
		"That is all there is.")
	words.Chunk, words.DelayMS = 3, 40 // four seconds: long enough to be seen growing
	cli := claudetest.CLI(t)
	api := claudetest.NewServer(t, claudetest.Scenario{Replies: []claudetest.Reply{
		words,
		claudetest.Bash(`printf 'first release\n' >> CHANGELOG.md`), claudetest.Say("The note is in CHANGELOG.md."),
		claudetest.Bash("git push --force origin main"), claudetest.Say("Understood. I will open a pull request instead."),
		claudetest.Bash("touch one"), claudetest.Say("Then not."),
		claudetest.Bash("touch two"), claudetest.Say("It is there, and nobody was asked."),
	}})
	d := launch(t, shippedRules(t), claudetest.Env(t, api), "-claude", cli)
	out := os.Getenv("SPINE_SHOTS")
	if out == "" {
		out = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	go copyLog(ctx, d, filepath.Join(out, "log"))
	cmd := exec.CommandContext(ctx, tools.Node, "spine.mjs")
	cmd.Dir = tools.E2E
	cmd.Env = append(os.Environ(), "PAGE_URL="+d.page, "CHROMIUM="+tools.Chromium, "OUT="+out, "RULES="+filepath.Join(d.dir, "rules.toml"))
	text, err := cmd.CombinedOutput()
	t.Logf("%s", text)
	if err != nil {
		t.Fatalf("the steps on the page: %v", err)
	}
}

// copyLog lets the steps read what ctpipe says.
func copyLog(ctx context.Context, d *running, path string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		os.WriteFile(path, []byte(d.errs.String()), 0o600)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
