package session

import (
	"strings"
	"testing"
	"time"
)

// title is the topic that the channel's list shows of its one session.
func (w *world) title(mark string) string {
	w.Helper()
	lines := linesWith(w.board().Message, mark)
	if len(lines) != 1 {
		w.Fatalf("%d lines: %q", len(lines), lines)
	}
	topic, _, _ := strings.Cut(strings.TrimPrefix(lines[0], mark+"["), "](/_redirect")
	return topic
}

// TestTitles covers FUN-19 and C4: a session's title is the head of its first
// message, in one line of at most 50 characters, inert, and stays: nothing that
// Claude says makes another of it, and what it writes is shown as it is.
func TestTitles(t *testing.T) {
	inListed(t, func(w *world) {
		root := w.says("alice", "", "@claude-code fix the\nlogin @all [now](http://evil.example) "+strings.Repeat("and ", 30))
		title := w.title("▸ ")
		if n := len([]rune(strings.ReplaceAll(title, "\u200b", ""))); !strings.HasPrefix(title, "fix the login") || n > 60 || strings.Contains(title, "\n") || strings.Contains(title, "@all") {
			t.Errorf("title of %d characters: %q", n, title)
		}
		w.latest().replies(t, "m1", "[SESSION_TITLE: Something else]\n[SESSION_DESCRIPTION: @channel]\nhere")
		w.passes(time.Minute)
		if got := w.title("▸ "); got != title {
			t.Errorf("Claude made %q of %q", got, title)
		}
		w.says("bob", root, "now for something completely different")
		w.passes(time.Minute)
		if got := w.title("▸ "); got != title {
			t.Errorf("another message made %q of %q", got, title)
		}
		w.closed()
		w.restarted()
		w.set.Sticky = true
		w.host.Connected()
		w.passes(time.Minute)
		if got := w.title("⏸️ "); got != title {
			t.Errorf("a restart made %q of %q", got, title)
		}
	})
}

// TestRecentByActivity covers FUN-18: what was paused stands under Recent, the
// one that was active last first, with the time since then.
func TestRecentByActivity(t *testing.T) {
	inListed(t, func(w *world) {
		first := w.says("alice", "", "@claude-code the older one")
		w.settle()
		w.latest().replies(t, "m1", "here")
		w.says("alice", "", "@claude-code the younger one")
		w.settle()
		w.latest().replies(t, "m1", "here")
		w.passes(10 * time.Minute)
		w.says("bob", first, "one more thing") // the older one was active last
		w.agents.all[0].replies(t, "m2", "done")
		w.closed()
		w.restarted()
		w.set.Sticky = true
		w.host.Connected()
		w.passes(10 * time.Minute)
		lines := linesWith(w.board().Message, "⏸️ ")
		if len(lines) != 2 || !strings.Contains(lines[0], "the older one") || !strings.Contains(lines[1], "the younger one") {
			t.Fatalf("%q", lines)
		}
		if !strings.Contains(lines[0], "10m ago") || !strings.Contains(lines[1], "20m ago") {
			t.Errorf("times of %q", lines)
		}
	})
}
