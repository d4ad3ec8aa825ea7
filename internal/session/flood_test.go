package session

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"ctpipe/internal/mattermost/chattest"
)

// TestFloodArrives covers STR-03 and D9: a single event of 1 MB, a burst of
// 40 000 characters and a line of 50 000 are in the thread as a whole, each post
// within the server's limit in runes.
func TestFloodArrives(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("line %d of 日本語 and 🙂 words\n", i) }
	var mega strings.Builder
	for i := 0; mega.Len() < 1<<20; i++ {
		mega.WriteString(line(i))
	}
	var burst []string
	for i := range 1000 {
		burst = append(burst, line(i))
	}
	for name, text := range map[string]string{"1 MB": mega.String(), "one line": strings.Repeat("🙂字x", 17000), "40k burst": strings.Join(burst, "")} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			if name == "40k burst" {
				a.streams(t, "m1", burst, func() {})
			} else {
				a.text(t, "m1", text)
			}
			a.ends(t)
			w.settle()
			w.host.session(w.host.threadID(w.rootID(root))).Out.Wait(w.Context())
			var got strings.Builder
			for _, p := range w.chat.OfKind(root, "answer") {
				if n := utf8.RuneCountInString(p.Message); n > w.host.MaxRunes {
					t.Errorf("%s: a post of %d runes", name, n)
				}
				got.WriteString(p.Message)
			}
			strip := func(s string) string { return strings.ReplaceAll(s, "\n", "") }
			if strip(got.String()) != strip(text) {
				t.Errorf("%s: %d bytes arrived of %d", name, got.Len(), len(text))
			}
		})
	}
}

// TestDeletedComesBack covers STR-06 for what ctpipe keeps current: a header or
// a task list that somebody deleted is posted again with the next change.
func TestDeletedComesBack(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		w.chat.Deletes(w.theList(root).ID)
		w.chat.Deletes(w.chat.OfKind(root, "header")[0].ID)
		a.todo(t, "t2", "completed")
		a.says(t, `{"type":"result","subtype":"success","total_cost_usd":0.4}`)
		if got := w.theList(root); !strings.Contains(got.Message, "(1/2 · 50%)") || len(w.chat.Marks(got.ID)) != 1 {
			t.Errorf("%q with %v", got.Message, w.chat.Marks(got.ID))
		}
		if heads := w.chat.OfKind(root, "header"); len(heads) != 1 || !strings.Contains(heads[0].Message, "$0.40") {
			t.Errorf("headers %q", chattest.Messages(heads))
		}
	})
}

// TestThinkingStaysQuoted covers STR-15: thinking of several lines stays in its quote.
func TestThinkingStaysQuoted(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"assistant","message":{"id":"m1","model":"m","content":[{"type":"thinking","thinking":%s}]}}`, quoted("one\n\ntwo\n```\n@all\n"))
		a.text(t, "m2", "said")
		w.settle()
		got := w.chat.OfKind(root, "answer")[0].Message
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\n\nsaid"), "\n") {
			if !strings.HasPrefix(line, ">") {
				t.Errorf("%q leaves the quote in\n%s", line, got)
			}
		}
		if strings.Contains(got, "@all") || !strings.HasSuffix(got, "\n\nsaid") {
			t.Errorf("it pings, or does not go on:\n%s", got)
		}
	})
}
