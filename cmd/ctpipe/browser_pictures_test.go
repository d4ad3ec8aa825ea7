package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude/claudetest"
	"ctpipe/internal/playground/pagetest"
)

// TestPicturesInABrowser is a session with everything that a thread shows, with
// the real CLI on the real page: the header, the task list, folded output, a
// diff, files, cards; e2e/pictures.mjs holds the steps, at the width of a desk
// and of a phone, with mouse and keyboard. It writes the pictures of docs/ into
// $SPINE_SHOTS, or into the test's own folder.
func TestPicturesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	tools := pagetest.Find(t, "../..")
	task := func(subject, active string) claudetest.Reply {
		return claudetest.Use("TaskCreate", map[string]any{"subject": subject, "description": subject, "activeForm": active})
	}
	update := func(id, status string) claudetest.Reply {
		return claudetest.Use("TaskUpdate", map[string]any{"taskId": id, "status": status})
	}
	cli := claudetest.CLI(t)
	api := claudetest.NewServer(t, claudetest.Scenario{Replies: []claudetest.Reply{
		task("Find the flaky test", "Finding the flaky test"), task("Mend the clock", "Mending the clock"), task("Run everything again", "Running everything again"),
		update("1", "in_progress"),
		claudetest.Bash("sh test.sh -run Clock"),
		update("1", "completed"), update("2", "in_progress"),
		claudetest.Use("Read", map[string]any{"file_path": "clock.go"}),
		claudetest.Use("Edit", map[string]any{"file_path": "clock.go", "old_string": "\treturn c.now()\n", "new_string": "\tif t := c.now(); t.After(c.last) {\n\t\tc.last = t\n\t}\n\treturn c.last\n"}),
		{Content: []claudetest.Block{
			{Type: "text", Text: "The clock went backwards when the test ran twice in one tick; it now keeps the newest time. I run the tests once more and then **push a branch**, if you agree."},
			claudetest.ToolUse("Bash", map[string]any{"description": "Push the branch",
				"command": "git switch -c fix/flaky-clock && git commit -am 'clock: never go back' && git push -u origin fix/flaky-clock"}),
		}},
		claudetest.Say("The branch is there."),
	}})
	rules := strings.Replace(shippedRules(t), "[claude]\n", "[claude]\nmodel = \"claude-sonnet-4-5\"\n", 1)
	env := claudetest.Env(t, api)
	work := filepath.Join(homeIn(env), "clock") // a path that looks like one in the pictures
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	d := launch(t, rules, env, "-claude", cli, "-dir", work)
	d.write(work, "clock.go", "package clock\n\nimport \"time\"\n\n// Next is the time, and never before the last one.\nfunc (c *Clock) Next() time.Time {\n\treturn c.now()\n}\n")
	d.write(work, "test.sh", "for i in $(seq 1 60); do echo \"ok    example.org/clock  run $i  0.01s\"; done\necho '--- FAIL: TestClock: 12:00:00 is not after 12:00:00'\nexit 1\n")
	out := os.Getenv("SPINE_SHOTS")
	if out == "" {
		out = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tools.Node, "pictures.mjs")
	cmd.Dir = tools.E2E
	cmd.Env = append(os.Environ(), "PAGE_URL="+d.page, "CHROMIUM="+tools.Chromium, "OUT="+out)
	text, err := cmd.CombinedOutput()
	t.Logf("%s", text)
	if err != nil {
		t.Fatalf("the steps on the page: %v\n%s", err, d.errs)
	}
}

// homeIn is the HOME of an environment.
func homeIn(env []string) string {
	for _, e := range env {
		if home, ok := strings.CutPrefix(e, "HOME="); ok {
			return home
		}
	}
	return ""
}
