package main

import (
	"strings"
	"testing"
)

// SEC-28: whatever people write and Claude runs, the log has no credential of
// it, at its most talkative either; nor has it what was said.
func TestConversationsAreNotLogged(t *testing.T) {
	d := startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, "-claude", "rehearsal", "-debug")
	alice := d.as("alice")
	const token, mail, cookie = "ghp_0123456789abcdefghij0123456789abcdef", "carol.smith@example.org", "Zk3qP0vXw81LmTnBq7Rs"
	root := alice.says("", "@claude-code run: echo "+token+" "+mail+" PASSWORD="+cookie+" > said")
	alice.reacts(alice.sees(root, "Permission requested").ID, "+1")
	alice.sees(root, "✅ **Allowed** by")
	d.eventually("the command", func() bool { return exists(d, "said") })
	alice.says(root, "!cd "+token)
	alice.sees(root, "❌ Directory does not exist")
	alice.says(root, "!invite @"+cookie)
	alice.sees(root, "There is no user")
	for name, out := range map[string]string{"stdout": d.out.String(), "log": d.errs.String()} {
		for _, secret := range []string{token, mail, cookie} {
			if strings.Contains(out, secret) {
				t.Errorf("%s has %s", name, secret)
			}
		}
	}
	if !strings.Contains(d.errs.String(), `"level":"DEBUG"`) || !strings.Contains(d.errs.String(), "tool call allowed") {
		t.Error("the log says too little to prove anything")
	}
}
