package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// gated is the answer at the first door.
func (a *fakeAgent) gated(use string) claude.Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.gates["g-"+use].Decision
}

// search calls a tool that names nothing, so that only the session's facts
// decide, and gives the answer.
func (a *fakeAgent) search(use string) claude.Decision {
	a.call(use, "ToolSearch", `{}`)
	return a.gated(use)
}

const branchRule = `
[[rule]]
id     = "off-main"
on     = "tool"
when   = 'tool.name == "Edit" and len(tool.paths) > 0 and all(tool.paths, .inside)'
unless = 'session.branch == "main"'
then   = "allow"
`

// TestASessionEventHasItsBranch: what happens to a session is told with what is
// checked out in its directory.
func TestASessionEventHasItsBranch(t *testing.T) {
	rule := ruleOn("session", "on-fix", `notice.what == "ended"`, `reply = "it was on {session.branch}"`)
	inWorld(t, rule, func(w *world) {
		head := filepath.Join(w.set.Dir, ".git", "HEAD")
		if err := os.Mkdir(filepath.Dir(head), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(head, []byte("ref: refs/heads/fix/x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		root, _ := w.opened()
		w.says("alice", root, "!stop")
		w.shows(root, "it was on fix/x")
	})
}

// The branch is read for each call: Claude changes it. Where nobody can know it
// a rule that reads it allows nothing.
func TestTheBranchIsAFact(t *testing.T) {
	inWorld(t, branchRule, func(w *world) {
		head := filepath.Join(w.set.Dir, ".git", "HEAD")
		if err := os.Mkdir(filepath.Dir(head), 0o700); err != nil {
			t.Fatal(err)
		}
		checkout := func(text string) {
			if err := os.WriteFile(head, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		checkout("ref: refs/heads/main\n")
		_, a := w.opened()
		edit := func(use string) claude.Decision {
			a.call(use, "Edit", `{"file_path":"`+w.set.Dir+`/x.go","old_string":"a","new_string":"b"}`)
			defer a.says(t, `{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":%q,"content":"ok"}]}}`, use)
			return a.gated(use)
		}
		for i, c := range []struct {
			head string
			want claude.Decision
		}{
			{"ref: refs/heads/main\n", claude.Ask},
			{"ref: refs/heads/fix/x\n", claude.Allow},
			{"not what git writes\n", claude.Ask},
		} {
			checkout(c.head)
			if got := edit(string(rune('a' + i))); got != c.want {
				t.Errorf("%q: %v, want %v", c.head, got, c.want)
			}
			w.settle()
		}
	})
}

// While a call runs that may change the branch, nobody knows it.
func TestTheBranchIsUnsettledBesideAnotherCall(t *testing.T) {
	inWorld(t, branchRule+`
[[rule]]
id   = "checkout"
on   = "tool"
when = 'tool.name == "Bash" and not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .prog == "git" and .sub == "checkout")'
then = "allow"
[[rule]]
id     = "plain"
on     = "tool"
when   = 'tool.name == "ToolSearch"'
unless = 'session.branch == "main"'
then   = "allow"
`, func(w *world) {
		_, a := w.opened()
		if got := a.search("t0"); got != claude.Allow {
			t.Fatalf("alone: %v", got)
		}
		a.bash("t1", "git checkout -q main")
		if got := a.search("t2"); got != claude.Ask {
			t.Errorf("beside a checkout: %v", got)
		}
	})
}

// A session is tainted from the first call on that brings what strangers wrote,
// and stays so over a restart.
func TestTaint(t *testing.T) {
	inWorld(t, `
[[rule]]
id   = "fetching"
on   = "tool"
when = 'tool.name == "WebFetch"'
then = "allow"
[[rule]]
id     = "trusting"
on     = "tool"
when   = 'tool.name == "ToolSearch"'
unless = 'session.tainted'
then   = "allow"
`, func(w *world) {
		root, a := w.opened()
		if got := a.search("t1"); got != claude.Allow {
			t.Fatalf("before: %v", got)
		}
		a.call("t2", "WebFetch", `{"url":"https://example.org/x"}`)
		if got := a.search("t3"); got != claude.Ask {
			t.Errorf("after a page was read: %v", got)
		}
		s := w.host.session(w.host.threadID(pipeline.PostID(root)))
		s.Lock()
		rec := s.record().recordLocked()
		s.Unlock()
		if !strings.Contains(string(rec.Extra), `"taint":true`) {
			t.Errorf("a restart makes it clean: %s", rec.Extra)
		}
	})
}

// thread.guests is what the server says, and unknown while it cannot.
func TestGuestsAreAFact(t *testing.T) {
	inWorld(t, `
[[rule]]
id     = "among-ourselves"
on     = "tool"
when   = 'tool.name == "ToolSearch"'
unless = 'thread.guests'
then   = "allow"
`, func(w *world) {
		_, a := w.opened()
		if got := a.search("t1"); got != claude.Allow {
			t.Errorf("no guests: %v", got)
		}
		w.chat.Mu.Lock()
		w.chat.Users["u-gus"] = mattermost.User{ID: "u-gus", Username: "gus", Roles: "system_guest"}
		w.chat.Members["u-gus"] = true
		w.chat.Mu.Unlock()
		time.Sleep(2 * time.Minute)
		a.search("t2") // has the server asked again
		synctest.Wait()
		if got := a.search("t3"); got != claude.Ask {
			t.Errorf("a guest: %v", got)
		}
		w.chat.Mu.Lock()
		delete(w.chat.Members, "u-gus")
		w.chat.Fate = func(op string) (f chattest.Fate) {
			if op == "stats" {
				f.Err = chattest.Refusal(500, "down")
			}
			return f
		}
		w.chat.Mu.Unlock()
		time.Sleep(20 * time.Minute)
		if got := a.search("t4"); got != claude.Ask {
			t.Errorf("not known: %v", got)
		}
	})
}
