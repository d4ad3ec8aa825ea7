package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude/claudetest"
)

// withClaude starts ctpipe on the real CLI, which talks to a scripted API.
func withClaude(t *testing.T, rules string, script claudetest.Scenario) (*running, *claudetest.Server) {
	cli := claudetest.CLI(t)
	api := claudetest.NewServer(t, script)
	return startCtpipe(t, rules, claudetest.Env(t, api), "-claude", cli), api
}

// TestRealClaude is the spine, end to end: a mention is answered as it is
// written, a command is asked for and runs when allowed, a denial reaches
// Claude with its reason, and a saved rule lets the next call run unasked, all
// in one session (SEC-13, A4, P2).
func TestRealClaude(t *testing.T) {
	slow := claudetest.Say("This repository holds " + strings.Repeat("one small README and nothing else, ", 20) + "that is all.")
	slow.Chunk, slow.DelayMS = 20, 20
	d, api := withClaude(t, shippedRules(t), claudetest.Scenario{Replies: []claudetest.Reply{
		slow,
		claudetest.Bash("touch allowed-file"), claudetest.Say("I made the file."),
		claudetest.Bash("touch denied-file"), claudetest.Say("I leave it then."),
		claudetest.Bash("touch silent-file"), claudetest.Say("Done without asking."),
		claudetest.Bash("touch hooked-file"), claudetest.Say("The hook said no."),
	}})
	alice := d.as("alice")
	root := alice.says("", "@claude-code explain this repo")
	growing := alice.sees(root, "This repository holds")
	if strings.Contains(growing.Message, "that is all.") {
		t.Error("the answer was not shown while it was written")
	}
	whole := alice.sees(root, "that is all.")
	if whole.ID != growing.ID {
		t.Errorf("the answer grew into another post: %s, then %s", growing.ID, whole.ID)
	}

	alice.says(root, "make a file")
	card := alice.sees(root, "Permission requested", "touch allowed-file", "no rule allows this", "👍 Allow | ✅ Allow all | 👎 Deny")
	alice.seeded(card.ID, "+1", "white_check_mark", "-1")
	if exists(d, "allowed-file") {
		t.Fatal("the command ran before anyone allowed it")
	}
	alice.reacts(card.ID, "+1")
	alice.sees(root, "✅ **Allowed** by", "touch allowed-file")
	alice.sees(root, "I made the file.")
	if !exists(d, "allowed-file") {
		t.Error("an allowed command did not run")
	}

	alice.says(root, "and another")
	card = alice.sees(root, "Permission requested", "touch denied-file")
	alice.seeded(card.ID, "-1")
	alice.reacts(card.ID, "-1")
	alice.sees(root, "❌ **Denied** by", "touch denied-file")
	alice.sees(root, "I leave it then.")
	if exists(d, "denied-file") {
		t.Error("a denied command ran")
	}
	if !told(api, "@alice denied this") {
		t.Error("Claude was not told who denied it")
	}

	d.save("rules.toml", shippedRules(t)+`
[[rule]]
id   = "touching-is-fine"
on   = "tool"
when = 'tool.name == "Bash" and not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .prog == "touch")'
then = "allow"
`)
	d.eventually("the new rules", func() bool { return strings.Contains(d.errs.String(), "rules.toml → rev ") })
	alice.says(root, "and a third")
	alice.sees(root, "Done without asking.")
	if !exists(d, "silent-file") {
		t.Error("a command that a rule allows did not run")
	}
	for _, p := range alice.thread(root) {
		if strings.Contains(p.Message, "Permission requested") && strings.Contains(p.Message, "silent-file") {
			t.Error("a card came although a rule allows the call")
		}
	}

	d.save("scripts/no_hooked.lua", `
return { tool = function(ev)
  for _, c in ipairs(ev.tool.commands) do
    for _, a in ipairs(c.args) do
      if a == "hooked-file" then return ct.deny("the team keeps this name free") end
    end
  end
end }
`)
	d.save("rules.toml", shippedRules(t)+"\n[[hook]]\nscript = \"scripts/no_hooked.lua\"\n")
	d.eventually("the hook", func() bool { return strings.Count(d.errs.String(), "rules.toml → rev ") == 2 })
	alice.says(root, "and a fourth")
	alice.sees(root, "🚫 **Denied** by hook no", "the team keeps this name free")
	alice.sees(root, "The hook said no.")
	if exists(d, "hooked-file") || !told(api, "the team keeps this name free") {
		t.Error("the hook's denial did not reach Claude")
	}
}

// TestBrokenSaveKeepsOldRules: the error has file, line, column and a caret,
// and what was in force stays (P2, P3).
func TestBrokenSaveKeepsOldRules(t *testing.T) {
	d := rehearse(t)
	d.save("rules.toml", strings.Replace(shippedRules(t), "tool.commands, .git.push.force", "tool.comands, .git.push.force", 1))
	d.eventually("the finding", func() bool {
		s := d.errs.String()
		return strings.Contains(s, `did you mean "commands"?`) && strings.Contains(s, "^^^^") && strings.Contains(s, "kept rev")
	})
	alice := d.as("alice")
	root := alice.says("", "@claude-code run: git push -f origin main")
	alice.sees(root, "Denied** by rule no", "Force-push rewrites shared history")
}

func exists(d *running, name string) bool {
	_, err := os.Stat(filepath.Join(d.work, name))
	return err == nil
}

// told reports that the model has read a text, as the API saw it.
func told(api *claudetest.Server, text string) bool {
	for _, r := range api.Requests() {
		if r.Contains(text) {
			return true
		}
	}
	return false
}

// TestFirstTextIsFast measures from a person's message to Claude's first text
// in the thread, as somebody polling sees it: an upper bound of what ctpipe
// adds, since the CLI's own way to its first delta is in it.
func TestFirstTextIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("a measurement")
	}
	const rounds = 20
	replies := make([]claudetest.Reply, rounds)
	for i := range replies {
		replies[i] = claudetest.Say(fmt.Sprintf("w%d and more words that are still being written", i))
		replies[i].Chunk, replies[i].DelayMS = 4, 20
	}
	d, _ := withClaude(t, shippedRules(t), claudetest.Scenario{Replies: replies})
	alice := d.as("alice")
	root := ""
	var took []time.Duration
	for i := range rounds {
		began := time.Now()
		if root == "" {
			root = alice.says("", "@claude-code begin")
		} else {
			alice.says(root, "go on")
		}
		alice.sees(root, fmt.Sprintf("w%d", i))
		took = append(took, time.Since(began))
		alice.sees(root, fmt.Sprintf("w%d ", i), "being written")
	}
	slices.Sort(took)
	t.Logf("from a message to the first text: median %v, all %v", took[rounds/2], took)
}
