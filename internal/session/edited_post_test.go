package session

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// receives delivers a post once more, or for the first time.
func (w *world) receives(p mattermost.Post) {
	w.host.ears().receive(mattermost.Posted{Post: p})
	w.settle()
}

// edits is a person changing their post.
func (w *world) edits(id, text string) {
	w.chat.Mu.Lock()
	p := w.chat.Find(id)
	p.Message, p.EditAt = text, 1
	edited := *p
	w.chat.Mu.Unlock()
	w.host.ears().receive(mattermost.Edited{Post: edited})
	w.settle()
}

// TestEdited covers A9: what Claude was given is what runs. An edit of it gets a
// mark, once, and the first in a session a word; a pin, and the edit of what was
// never given, nothing.
func TestEdited(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		second := w.says("alice", root, "delete a")
		aside := w.says("alice", root, "@bob hm")
		w.edits(second, "delete a") // a pin
		w.edits(aside, "@bob well")
		if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), editNote) {
			t.Fatal("a word about nothing")
		}
		for range 2 {
			w.edits(second, "delete b")
		}
		w.edits(root, "@claude-code bye")
		for _, id := range []string{root, second} {
			if got := w.chat.Marks(id); fmt.Sprint(got) != "["+editMark+"]" {
				t.Errorf("%s: %v", id, got)
			}
		}
		if got := w.chat.Marks(aside); len(got) != 0 {
			t.Errorf("an aside: %v", got)
		}
		if n := strings.Count(strings.Join(chattest.Messages(w.chat.Said(root)), ""), editNote); n != 1 {
			t.Errorf("%d words", n)
		}
		chattest.Want(t, a.sent(), "hello", "delete a")
	})
}

// TestEditedInTheGap: an edit that was made while the link was cut is noticed.
func TestEditedInTheGap(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, _ := w.opened()
		w.chat.Mu.Lock()
		w.chat.Find(root).Message = "@claude-code bye"
		w.chat.Mu.Unlock()
		for range 2 {
			w.host.CatchUp(1)
			w.settle()
		}
		w.shows(root, editNote)
		if got := w.chat.Marks(root); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

// TestEditedWhileHeld covers A9: an edit while people are asked about a
// stranger's message changes neither what they see nor what is let in.
func TestEditedWhileHeld(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		id := w.says("mallory", root, "list files")
		w.edits(id, "delete files")
		if got := w.chat.Marks(id); len(got) != 1 {
			t.Errorf("%v", got)
		}
		w.reacts("alice", w.card(root).ID, "+1")
		chattest.Want(t, a.sent(), "hello", "[Message from @mallory, approved by @alice]\nlist files")
	})
}
