package main

import (
	"strings"
	"testing"
)

// TestGrantEndsWithInteractive: ✅ lifts the default ask for the session, and
// !permissions interactive takes that back (A11).
func TestGrantEndsWithInteractive(t *testing.T) {
	d := rehearse(t)
	alice := d.as("alice")
	root := alice.says("", "@claude-code run: touch one")
	card := alice.sees(root, "Permission requested", "touch one")
	alice.seeded(card.ID, "white_check_mark")
	alice.reacts(card.ID, "white_check_mark")
	alice.sees(root, "Allowed all** by", "touch one")
	d.eventually("one", func() bool { return exists(d, "one") })
	alice.says(root, "run: touch two")
	d.eventually("two, unasked", func() bool { return exists(d, "two") })
	alice.says(root, "!permissions interactive")
	alice.sees(root, "Permission mode: Default", "alice")
	alice.says(root, "run: touch three")
	alice.sees(root, "Permission requested", "touch three")
	if exists(d, "three") {
		t.Error("a call ran after its grant was taken back")
	}
}

// TestChatRaisesTheModeOnlyByRule (SEC-29, SEC-01, SEC-02).
func TestChatRaisesTheModeOnlyByRule(t *testing.T) {
	d := rehearse(t)
	alice := d.as("alice")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "rehearsal")
	alice.says(root, "!permissions bypass")
	alice.sees(root, "Cannot upgrade to bypass permissions")
	alice.says(root, "run: touch one")
	alice.sees(root, "Permission requested", "touch one")

	d.save("rules.toml", strings.Replace(shippedRules(t), `id   = "owner-sets-the-mode"`, `raise = "bypass"
id   = "owner-sets-the-mode"`, 1))
	d.eventually("the new rules", func() bool { return strings.Contains(d.errs.String(), "rules.toml → rev ") })
	second := alice.says("", "@claude-code hello")
	alice.sees(second, "rehearsal")
	alice.says(second, "!permissions bypass")
	alice.sees(second, "Permission mode: Bypass")
	alice.says(second, "run: touch two")
	d.eventually("two, unasked", func() bool { return exists(d, "two") })
	alice.says(second, "force push")
	alice.sees(second, "Denied** by rule no") // a vote holds in every mode
}
