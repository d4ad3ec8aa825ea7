package session

import (
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// TestASaveLowersTheMode: what [claude] permissions says from now on holds for
// sessions that run, but for one that somebody raised by a rule's leave
// (SEC-29).
func TestASaveLowersTheMode(t *testing.T) {
	inWorld(t, `
[[rule]]
id    = "raise"
on    = "command"
when  = 'command.name == "permissions"'
then  = "allow"
raise = "bypass"
`, func(w *world) {
		w.set.Mode = pipeline.ModeBypass
		root, a := w.opened()
		call := func(use string, want claude.Decision) {
			t.Helper()
			a.bash(use, "touch "+use)
			if got := a.gated(use); got != want {
				t.Errorf("%s: %v, want %v", use, got, want)
			}
			a.says(t, `{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":%q,"content":"ok"}]}}`, use)
			w.settle()
		}
		call("before", claude.Allow)
		w.set.Mode = pipeline.ModeDefault
		call("lowered", claude.Ask)
		w.says("alice", root, "!permissions bypass")
		w.shows(root, "Bypass")
		call("raised", claude.Allow)
	})
}
