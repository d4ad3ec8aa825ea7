package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rehearse starts ctpipe where there is no claude: the rehearsal agent plays.
func rehearse(t *testing.T) *running {
	return startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, "-claude", "rehearsal")
}

func TestRehearsalAnswersAndAsks(t *testing.T) {
	d := rehearse(t)
	if out := d.out.String(); !strings.Contains(out, "rehearsal agent") || !strings.Contains(out, "not Claude") {
		t.Errorf("the start does not label the rehearsal agent:\n%s", out)
	}
	alice := d.as("alice")
	root := alice.says("", "@claude-code run: touch made-by-alice")
	card := alice.sees(root, "Permission requested", "touch made-by-alice", "no rule allows this")
	alice.seeded(card.ID, "+1", "white_check_mark", "-1")
	if _, err := os.Stat(filepath.Join(d.work, "made-by-alice")); err == nil {
		t.Fatal("the command ran before anyone allowed it")
	}
	alice.reacts(card.ID, "+1")
	alice.sees(root, "Allowed** by", "alice")
	d.eventually("the file", func() bool {
		_, err := os.Stat(filepath.Join(d.work, "made-by-alice"))
		return err == nil
	})
}

func TestStrangerStartsNothing(t *testing.T) {
	d := rehearse(t)
	mallory := d.as("mallory")
	root := mallory.says("", "@claude-code run: touch stolen")
	mallory.sees(root, "not authorized")
}
