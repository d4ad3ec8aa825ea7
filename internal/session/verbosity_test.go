package session

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// ran makes a Bash call with forty lines of output, and gives what the answers
// of the thread then show.
func (w *world) ran(root string, a *fakeAgent, id string) string {
	a.uses(w.T, id, "", "Bash", `{"command":"seq 40"}`)
	var out strings.Builder
	for i := range 40 {
		fmt.Fprintf(&out, "line %d\n", i)
	}
	a.gets(w.T, id, "x", `{"stdout":`+quoted(out.String())+`,"stderr":""}`)
	w.settle()
	posts := w.chat.OfKind(root, "answer")
	if len(posts) == 0 {
		return ""
	}
	return posts[len(posts)-1].Message
}

// turn begins a new answer.
func (w *world) turn(root string, a *fakeAgent) {
	a.ends(w.T)
	w.says("alice", root, "go on")
}

// TestVerbosity: a thread shows tool calls as it was asked to, and nothing else
// is shortened by it.
func TestVerbosity(t *testing.T) {
	for style, sees := range map[string]func(text string, files []string) bool{
		"default": func(s string, f []string) bool { return strings.Contains(s, "*… 28 more lines*") && f == nil },
		"full": func(s string, f []string) bool {
			return strings.Contains(s, "line 20\n") && !strings.Contains(s, "more line") && f == nil
		},
		"line": func(s string, f []string) bool { return s == "💻 **Bash** `seq 40` · ✓" && f == nil },
		"file": func(s string, f []string) bool {
			return strings.Contains(s, "📎 *40 lines, as a file*") && len(f) == 1 && strings.HasPrefix(f[0], "line 0\nline 1\n") && strings.HasSuffix(f[0], "line 39")
		},
		"hidden": func(s string, f []string) bool { return s == "" && f == nil },
	} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			s := w.host.session(w.host.threadID(w.rootID(root)))
			if s.speech().setVerbosity(style); s.speech().verbosity() != style {
				t.Fatalf("%s: is %s", style, s.speech().verbosity())
			}
			shown := w.ran(root, a, "b1")
			var files []string
			for _, p := range w.chat.OfKind(root, "file") {
				files = append(files, w.chat.Contents(p.ID)...)
			}
			if !sees(shown, files) {
				t.Errorf("%s: %q, files %q", style, shown, files)
			}
			w.turn(root, a)
			a.text(t, "m1", strings.Repeat("answer\n", 30))
			w.settle()
			w.shows(root, strings.TrimSpace(strings.Repeat("answer\n", 30)))
			a.says(t, `{"type":"assistant","message":{"id":"m2","model":"m","content":[{"type":"thinking","thinking":"hm"}]}}`)
			w.settle()
			if thought := strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), "> 💭 hm"); thought == (style == "hidden") {
				t.Errorf("%s: thinking is shown: %v", style, thought)
			}
		})
	}
}

// TestVerbosityUnknown: what is no style is refused in words.
func TestVerbosityUnknown(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, _ := w.opened()
		w.says("alice", root, "!verbosity loud")
		w.shows(root, "❌ There is no verbosity `loud`. Usage: `!verbosity full|line|fold|file|hidden|default`")
	})
}

// TestVerbosityAndRules: a style that a rule gives stands, whatever the thread
// asks for; so does what a rule withholds; a refused call is named even where
// calls are hidden.
func TestVerbosityAndRules(t *testing.T) {
	for _, c := range []struct{ rule, style, words, not string }{
		{"style = 'hidden'", "full", "", "Bash"}, // the rule is about all that Bash shows
		{"style = 'line'", "full", "💻 **Bash** `seq 40` · ✓", "line 1"},
		{"style = 'full'", "hidden", "line 20\n", "more line"},
		{"style = 'full'\nmax_lines = 5", "line", "*… ", "line 20\n"},
		{"then = 'deny'\nwhy = 'no tools here'", "full", "🙈 *Withheld by rule shown: no tools here*", "seq 40"},
	} {
		inWorld(t, "[[rule]]\nid = 'shown'\non = 'show'\nwhen = 'show.tool == \"Bash\"'\n"+c.rule+"\n", func(w *world) {
			root, a := w.opened()
			w.host.session(w.host.threadID(w.rootID(root))).speech().setVerbosity(c.style)
			w.ran(root, a, "b1")
			all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n---\n")
			if !strings.Contains(all, c.words) || strings.Contains(all, c.not) {
				t.Errorf("%s, thread %s: no %q, or %q in\n%s", c.rule, c.style, c.words, c.not, all)
			}
		})
	}
	inWorld(t, "[[rule]]\nid='never'\non='tool'\nwhen='tool.name == \"Bash\"'\nthen='deny'\nwhy='not here'\n", func(w *world) {
		root, a := w.opened()
		w.host.session(w.host.threadID(w.rootID(root))).speech().setVerbosity("hidden")
		a.uses(t, "b1", "", "Bash", `{"command":"seq 40"}`)
		a.bash("b1", "seq 40")
		w.settle()
		w.shows(root, "🚫 **Denied** by rule never: not here")
	})
}

// TestVerbosityKept: it survives a restart.
func TestVerbosityKept(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.replies(t, "m1", "here")
		w.host.session(w.host.threadID(w.rootID(root))).speech().setVerbosity("line")
		w.settle()
		w.closed()
		w.restarted()
		w.says("alice", root, "and now?")
		if got := w.ran(root, w.latest(), "b1"); got != "💻 **Bash** `seq 40` · ✓" {
			t.Errorf("%q", got)
		}
	})
}

// TestRuleWhat: a rule tells a call, its result and a diff apart, and knows how
// much there is of what is folded; where it hides a diff, the call's line stays.
func TestRuleWhat(t *testing.T) {
	inWorld(t, "[[rule]]\nid='long'\non='show'\nwhen='show.what == \"result\" and show.lines > 40'\nstyle='line'\n"+
		"[[rule]]\nid='diffs'\non='show'\nwhen='show.what == \"diff\"'\nstyle='hidden'\n", func(w *world) {
		root, a := w.opened()
		if got := w.ran(root, a, "b1"); got != "💻 **Bash** `seq 40` · ✓" {
			t.Errorf("%q", got)
		}
		a.uses(t, "e1", "", "Edit", `{"file_path":"/r/a.go","old_string":"one","new_string":"two"}`)
		a.uses(t, "r1", "", "Read", `{"file_path":"/r/a.go"}`)
		w.settle()
		all := strings.Join(chattest.Messages(w.chat.OfKind(root, "answer")), "\n")
		if !strings.Contains(all, "✏️ **Edit** `/r/a.go` _(+1 −1)_\n\n📄 **Read** `/r/a.go`") {
			t.Error(all)
		}
	})
	inWorld(t, "[[rule]]\nid='none'\non='show'\nwhen='show.what in [\"tool\", \"result\", \"diff\"]'\nstyle='hidden'\n", func(w *world) {
		root, a := w.opened()
		if got := w.ran(root, a, "b1"); got != "" {
			t.Errorf("%q", got)
		}
	})
}

// TestFileWithheld: the file of a call is judged as what it is; a rule that
// reads its text keeps it out of the thread.
func TestFileWithheld(t *testing.T) {
	inWorld(t, "[[rule]]\nid='files'\non='show'\nwhen='show.tool == \"Bash\"'\nstyle='file'\n"+
		"[[rule]]\nid='no20'\non='show'\nwhen='show.text contains \"line 20\"'\nthen='deny'\nwhy='twenty'\n", func(w *world) {
		root, a := w.opened()
		w.ran(root, a, "b1")
		if n := len(w.chat.OfKind(root, "file")); n != 0 || len(w.chat.Files) != 0 {
			t.Errorf("%d files are posted, %d uploaded", n, len(w.chat.Files))
		}
		w.shows(root, "🙈 *Withheld by rule no20: twenty*")
	})
}

// TestFileNotTaken: where the server takes no files, the thread has the output
// folded, and is told.
func TestFileNotTaken(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.chat.Fate = func(op string) chattest.Fate {
			if op == "upload" {
				return chattest.Fate{Err: chattest.Refusal(403, "no")}
			}
			return chattest.Fate{}
		}
		w.host.session(w.host.threadID(w.rootID(root))).speech().setVerbosity("file")
		w.ran(root, a, "b1")
		w.shows(root, "line 39\n```\n\n⚠️ *The chat server did not take `output.txt`; it is not attached.*")
	})
}
