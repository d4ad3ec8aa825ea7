package session

import (
	"strings"
	"testing"
	"time"
)

// TestAnswerIsNotForTheNextQuestion: an answer in words that is on its way while
// somebody else answers the question it is for is not taken for the next one.
func TestAnswerIsNotForTheNextQuestion(t *testing.T) {
	const two = `{"questions":[{"question":"First?","header":"F","options":[{"label":"a"},{"label":"b"}]},{"question":"Second?","header":"S","options":[{"label":"keep"},{"label":"delete"}]}]}`
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", two)
		w.settle()
		w.reacts("bob", w.card(root).ID, "one")
		w.says("alice", root, "2")
		if a.answered("k-q1") {
			t.Fatalf("her answer to the first is that to the second: %s", a.ask("k-q1").UpdatedInput)
		}
		w.shows(root, "write it again")
		time.Sleep(10 * time.Second)
		w.says("alice", root, "1")
		if got := string(a.ask("k-q1").UpdatedInput); !strings.Contains(got, `"Second?":"keep"`) {
			t.Errorf("answered: %s", got)
		}
		if got := a.sent(); len(got) != 1 {
			t.Errorf("claude got %q", got)
		}
	})
}
