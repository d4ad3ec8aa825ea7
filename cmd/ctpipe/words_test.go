package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/claude/claudetest"
)

// TestWordsAndFilesOnCards, on the real CLI: a command that is too long for a
// card comes whole as a file under the digest that the card names (D1); what
// somebody writes in the place of Claude's command is what runs (A13); a reason
// reaches Claude word for word (RACE-12).
func TestWordsAndFilesOnCards(t *testing.T) {
	long := "touch long-file # " + strings.Repeat("and so on ", 900) + "\ntouch last-file"
	d, api := withClaude(t, shippedRules(t), claudetest.Scenario{Replies: []claudetest.Reply{
		claudetest.Bash(long), claudetest.Say("That was long."),
		claudetest.Bash("touch wrong-file"), claudetest.Say("I made it."),
		claudetest.Bash("touch third-file"), claudetest.Say("I leave it."),
	}})
	alice := d.as("alice")
	root := alice.says("", "@claude-code make files")
	card := alice.sees(root, "Permission requested", "more characters are not shown", "c1-command.sh", "👍 Allow")
	if len(card.FileIDs) != 1 {
		t.Fatalf("files %v", card.FileIDs)
	}
	var whole bytes.Buffer
	if _, err := alice.client.DownloadFile(context.Background(), card.FileIDs[0], &whole, 1<<20); err != nil {
		t.Fatal(err)
	}
	if whole.String() != long || !strings.Contains(card.Message, fmt.Sprintf("%x", sha256.Sum256(whole.Bytes()))) {
		t.Errorf("%d bytes of %d are attached", whole.Len(), len(long))
	}
	alice.says(root, "!approve c1")
	alice.sees(root, "That was long.")
	if !exists(d, "last-file") {
		t.Error("the end of the command did not run")
	}

	alice.says(root, "and another")
	alice.sees(root, "Permission requested", "touch wrong-file")
	alice.says(root, "!approve `touch right-file`")
	alice.sees(root, "✅ **Allowed** by", "-touch wrong-file", "+touch right-file", "asked by default")
	alice.sees(root, "I made it.")
	if !exists(d, "right-file") || exists(d, "wrong-file") {
		t.Error("what was approved is not what ran")
	}

	alice.says(root, "and a third")
	alice.sees(root, "Permission requested", "touch third-file")
	alice.says(root, "!deny use `mktemp`, please")
	alice.sees(root, "I leave it.")
	if exists(d, "third-file") || !told(api, "@alice denied this, and says:") || !told(api, "use `mktemp`, please") {
		t.Error("Claude did not read the reason")
	}
}
