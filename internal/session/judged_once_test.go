package session

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// counting is a hook that counts what is about to be shown of Bash, by what it is,
// and may give a style.
const counting = `return { show = function(ev)
  if ev.show.tool == "Bash" then
    ct.store.incr(ev.show.what)
    %s
  end
end }`

// TestJudgedOnce: whether a rule, a hook or the thread gives the style
// of a tool line, what it is made of is judged once, so that a hook that counts
// counts one for the call and one for its result.
func TestJudgedOnce(t *testing.T) {
	const full = "[[rule]]\nid='bash'\non='show'\nwhen='show.tool == \"Bash\"'\nstyle='full'\n"
	for _, c := range []struct{ name, rule, hook, thread, words string }{
		{name: "nobody", words: "*… 28 more lines*"},
		{name: "rule", rule: full, words: "line 20\n"},
		{name: "hook", hook: `return ct.style("full")`, words: "line 20\n"},
		{name: "thread", thread: "full", words: "line 20\n"},
		{name: "rule over thread", rule: strings.Replace(full, "full", "file", 1), thread: "line", words: "📎 *40 lines, as a file*"},
	} {
		inWorld(t, "", func(w *world) {
			w.engine.Swap(w.hooked(c.rule, fmt.Sprintf(counting, c.hook)))
			root, a := w.opened()
			if c.thread != "" {
				w.host.session(w.host.threadID(w.rootID(root))).speech().setVerbosity(c.thread)
			}
			a.uses(t, "b1", "", "Bash", `{"command":"seq 40"}`)
			w.settle()
			a.gets(t, "b1", "x", `{"stdout":`+quoted(forty())+`,"stderr":""}`)
			w.settle()
			if all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n"); !strings.Contains(all, c.words) {
				t.Errorf("%s: no %q in\n%s", c.name, c.words, all)
			}
			for _, what := range []string{"tool", "result"} {
				if got, _ := w.load.Store.Get("h", what, 0); got.Value != 1.0 {
					t.Errorf("%s: the hook counted %v for the %s", c.name, got.Value, what)
				}
			}
		})
	}
}

// forty are forty lines.
func forty() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// TestWholeIsJudged: a style shows a part of what was judged, never
// more: a rule that reads text keeps out what only another style would show.
func TestWholeIsJudged(t *testing.T) {
	const no20 = "[[rule]]\nid='no20'\non='show'\nwhen='show.text contains \"line 20\"'\nthen='deny'\nwhy='twenty'\n"
	for _, style := range []string{"full", "fold", "file", "line"} {
		inWorld(t, "", func(w *world) {
			w.engine.Swap(w.hooked(no20, fmt.Sprintf(counting, fmt.Sprintf("return ct.style(%q)", style))))
			root, a := w.opened()
			w.ran(root, a, "b1")
			w.shows(root, "🙈 *Withheld by rule no20: twenty*")
			if all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n"); strings.Contains(all, "line 20") || len(w.chat.Files) != 0 {
				t.Errorf("%s: %s\n%d files", style, all, len(w.chat.Files))
			}
		})
	}
}

// TestHookTextWins: a text that a hook puts in the place of a call's is
// what the thread sees, in whatever style; nothing composed from the old one is.
func TestHookTextWins(t *testing.T) {
	for _, style := range []string{"full", "fold", "file", "line", ""} {
		inWorld(t, "", func(w *world) {
			set := `return ct.text(ct.gsub(ev.show.text, "line", "word"))`
			if style != "" {
				set = fmt.Sprintf(`return ct.style(%q, { text = ct.gsub(ev.show.text, "line", "word") })`, style)
			}
			w.engine.Swap(w.hooked("", fmt.Sprintf(counting, set)))
			root, a := w.opened()
			w.ran(root, a, "b1")
			all := strings.Join(chattest.Messages(w.chat.Said(root)), "\n")
			for _, p := range w.chat.OfKind(root, "file") {
				all += strings.Join(w.chat.Contents(p.ID), "\n")
			}
			if strings.Contains(all, "line 1") || !strings.Contains(all, "Bash") || style != "line" && !strings.Contains(all, "word 1") {
				t.Errorf("%s: %s", style, all)
			}
			if style == "" && strings.Contains(all, "word 20") {
				t.Errorf("it is not folded: %s", all)
			}
		})
	}
}
