package session

import (
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost/chattest"
)

var holdSecrets = ruleOn("show", "held", `show.text contains "secret plan"`, "then='ask'\nwhy='it names the plan'")

// shown are the answers of a thread.
func (w *world) shown(root string) string {
	return strings.Join(chattest.Messages(w.chat.OfKind(root, "answer")), "\n")
}

// TestShare: a block that a rule asks for is held until somebody shares it; the
// card says nothing of it, and it comes once.
func TestShare(t *testing.T) {
	inWorld(t, holdSecrets, func(w *world) {
		root, a := w.opened()
		a.text(t, "m1", "the secret plan is blue")
		a.ends(t)
		w.settle()
		card := w.card(root)
		if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), "blue") {
			w.Fatalf("it is shown: %q", chattest.Messages(w.chat.Said(root)))
		}
		for _, words := range []string{"🔒 **Claude wants to show what it says** – held until a person shares it", "rule held", "👍 Share"} {
			if !strings.Contains(card.Message, words) {
				t.Errorf("no %q in:\n%s", words, card.Message)
			}
		}
		w.reacts("mallory", card.ID, "+1")
		if strings.Contains(w.shown(root), "blue") {
			w.Fatal("a stranger shared it")
		}
		w.reacts("bob", card.ID, "+1")
		if n := strings.Count(w.shown(root), "the secret plan is blue"); n != 1 {
			t.Errorf("shown %d times: %q", n, chattest.Messages(w.chat.Said(root)))
		}
		w.shows(root, "✅ **Shared** by @\u200bbob")
		a.text(t, "m2", "another secret plan")
		w.settle()
		if strings.Contains(w.shown(root), "another") {
			t.Error("the next block needed no yes")
		}
	})
}

// TestShareWhileGrowing: what Claude adds to a block that is held, and to one
// that was shared, is in it.
func TestShareWhileGrowing(t *testing.T) {
	inWorld(t, holdSecrets, func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"stream_event","event":{"type":"message_start","message":{"id":"m1","content":[]}}}`)
		a.says(t, `{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}}`)
		add := func(text string) {
			a.says(t, `{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}}`, quoted(text))
			w.settle()
		}
		add("the secret plan\nhas two parts\n")
		add("one\n")
		if strings.Contains(w.shown(root), "secret") {
			w.Fatalf("shown: %q", w.shown(root))
		}
		w.reacts("bob", w.card(root).ID, "+1")
		add("two\n")
		a.text(t, "m1", "the secret plan\nhas two parts\none\ntwo\n")
		a.ends(t)
		w.settle()
		if got := strings.TrimSpace(w.shown(root)); got != "the secret plan\nhas two parts\none\ntwo" {
			t.Errorf("shown: %q", got)
		}
		if n := len(w.chat.OfKind(root, "card")); n != 1 {
			t.Errorf("%d cards", n)
		}
	})
}

// TestKeptBack: 👎, and nobody's answer, keep a block out for good; so does a
// rule that denies it by now.
func TestKeptBack(t *testing.T) {
	for name, answer := range map[string]func(w *world, card string){
		"no":     func(w *world, card string) { w.reacts("bob", card, "-1"); w.reacts("alice", card, "+1") },
		"nobody": func(w *world, card string) { time.Sleep(31 * time.Minute); w.reacts("bob", card, "+1") },
		"the law": func(w *world, card string) {
			w.engine.Swap(w.rules(basicRules + strings.Replace(holdSecrets, "'ask'", "'deny'", 1)))
			w.reacts("bob", card, "+1")
		},
	} {
		inWorld(t, holdSecrets, func(w *world) {
			root, a := w.opened()
			a.text(t, "m1", "the secret plan is blue")
			a.ends(t)
			w.settle()
			answer(w, w.card(root).ID)
			w.settle()
			if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), "blue") {
				t.Errorf("%s: it is shown", name)
			}
		})
	}
}
