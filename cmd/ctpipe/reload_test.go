package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

const guardedRules = `
[playground]
allowed_users = ["alice"]
[reload]
confirm = "loosening"
announce = "main/playground"
[[rule]]
id   = "no-push"
on   = "tool"
when = 'any(tool.commands, .git.push.bare)'
then = "deny"
[[test]]
name = "a push"
tool = { name = "Bash", command = "git push" }
want = "deny"
`

// stateOf is the -state of a running ctpipe.
func stateOf(d *running) string {
	return d.cmd.Args[slices.Index(d.cmd.Args, "-state")+1]
}

var heldRev = regexp.MustCompile(`ctpipe rules accept ([0-9a-f]{12})`)

// A save that lets more through waits for `ctpipe rules accept`, within the
// running daemon and over a restart; the saves stand in the journal (8.6, 8.7).
func TestLooseningSaveWaitsForAccept(t *testing.T) {
	d := startCtpipe(t, guardedRules, []string{"HOME=" + t.TempDir()})
	looser := strings.NewReplacer(`then = "deny"`, `then = "ask"`, `want = "deny"`, `want = "ask"`).Replace(guardedRules)
	if err := os.WriteFile(filepath.Join(d.dir, "rules.toml"), []byte(looser), 0o644); err != nil {
		t.Fatal(err)
	}
	d.eventually("the save to be held", func() bool { return heldRev.MatchString(d.errs.String()) })
	rev := heldRev.FindStringSubmatch(d.errs.String())[1]
	if strings.Contains(d.errs.String(), "rules.toml → rev") {
		t.Fatal("the save is in force at once")
	}
	bin, _ := binary()
	accept := exec.Command(bin, "rules", "accept", "-rules", filepath.Join(d.dir, "rules.toml"), "-state", stateOf(d), rev)
	if out, err := accept.CombinedOutput(); err != nil {
		t.Fatalf("accept: %v\n%s", err, out)
	}
	began := time.Now()
	d.eventually("the accepted save to be in force", func() bool {
		return strings.Contains(d.errs.String(), "rules.toml → rev "+rev[:6])
	})
	alice := d.as("alice")
	d.eventually("both to be announced", func() bool {
		return alice.announced("lets more through", "rule no-push changed", "in force") && alice.announced("rules.toml → rev "+rev[:6])
	})
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("in force %s after it was accepted", took)
	}
	d.eventually("both to be in the journal", func() bool {
		told := notices(t, stateOf(d))
		return len(told) == 2 && told[0] == "held" && told[1] == "accepted"
	})
}

// announced reports whether the bot wrote these words into the channel.
func (p *person) announced(words ...string) bool {
	p.d.t.Helper()
	changes, err := p.client.PostsSince(context.Background(), p.channel, 0)
	if err != nil {
		p.d.t.Fatal(err)
	}
	return slices.ContainsFunc(changes.Posts, func(post mattermost.Post) bool { return post.FromBot() && holds(post.Message, words) })
}

func notices(t *testing.T, stateDir string) []string {
	records, err := journal.Last(journal.Dir(stateDir), 10, pipeline.KindPolicy)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range records {
		out = append(out, r.Event.Notice.What)
	}
	return out
}

// A restart is no way round: the last accepted policy stays in force.
func TestRestartDoesNotLoosen(t *testing.T) {
	d := startCtpipe(t, guardedRules, []string{"HOME=" + t.TempDir()})
	d.eventually("the policy to be remembered", func() bool {
		_, err := os.Stat(filepath.Join(stateOf(d), "accepted"))
		return err == nil
	})
	state := stateOf(d)
	d.stop()
	looser := strings.NewReplacer(`then = "deny"`, `then = "ask"`, `want = "deny"`, `want = "ask"`).Replace(guardedRules)
	again := startCtpipe(t, looser, []string{"HOME=" + t.TempDir()}, "-state", state)
	if !heldRev.MatchString(again.errs.String()) {
		again.eventually("the start to be held", func() bool { return heldRev.MatchString(again.errs.String()) })
	}
}
