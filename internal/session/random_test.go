package session

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sequencesAtMost is how many random sequences of whole sessions are played; each
// is played twice. CTPIPE_SOAK plays many more.
func sequencesAtMost() int {
	switch {
	case testing.Short():
		return 100
	case os.Getenv("CTPIPE_SOAK") != "":
		return 10_000
	case underRace:
		return 200
	}
	return 600
}

// act is one thing that happens in a random sequence. It means something in any
// state of the world, so that a sequence can be cut anywhere.
type act struct {
	Do    string
	N, M  int
	Hurry bool // the next act comes at once
	Saved bool // the session is saved and restored, when it is played with saves
}

var whatHappens = []string{
	"write", "write", "write", "stranger writes", "react", "react", "react", "react", "unreact", "command", "command", "card edited", "card deleted", "post edited",
	"init", "text", "text", "text", "stream", "stream", "call", "call", "call", "call", "call", "ask again", "question", "plan", "result", "result", "end", "end", "end", "withdraw", "exit",
	"background", "compaction", "limit", "agent error", "time", "time", "time", "start fails", "policy", "left",
}

// someActs are acts that are as likely as each other; rapid itself prefers what
// comes first. A failing sequence shrinks by leaving acts out.
func someActs(t *rapid.T) (acts []act) {
	random := rand.New(rand.NewPCG(9, rapid.Uint64().Draw(t, "seed")))
	for range 70 {
		a := act{Do: whatHappens[random.IntN(len(whatHappens))], N: random.IntN(8), M: random.IntN(20), Hurry: random.IntN(4) == 0, Saved: random.IntN(2) == 0}
		if rapid.Bool().Draw(t, "happens") {
			acts = append(acts, a)
		}
	}
	return acts
}

// TestRandomSessions covers A1, A4, A10, A13, RACE-04, STR-01 and STR-09 on random
// sequences, and that a session is plain data: one that is saved, encoded and
// restored at any moment goes on as one that never was.
func TestRandomSessions(t *testing.T) {
	dir := t.TempDir()
	build := &stage{T: t, dir: dir}
	for range sequencesAtMost() / 100 { // rapid's checks
		rapid.Check(t, func(r *rapid.T) {
			acts, slow := someActs(r), rapid.Bool().Draw(r, "slow")
			plain, wrong := build.played(acts, slow, false)
			if len(wrong) > 0 {
				r.Fatalf("%s\n\n%s\n%s", strings.Join(wrong, "\n"), script(acts), plain)
			}
			saved, wrong := build.played(acts, slow, true)
			if len(wrong) > 0 {
				r.Fatalf("with saves: %s\n\n%s\n%s", strings.Join(wrong, "\n"), script(acts), saved)
			}
			if plain != saved && !build.sometimes(saved, acts, slow) {
				r.Fatalf("it matters that the session was saved and restored:\n%s\n\n%s", firstDifference(plain, saved), script(acts))
			}
		})
		if t.Failed() {
			return
		}
	}
}

// sometimes reports that an outcome comes about without saves too: what happens
// at the same instant, in lanes of their own, has no order.
func (s *stage) sometimes(outcome string, acts []act, slow bool) bool {
	for range 12 {
		if again, _ := s.played(acts, slow, false); again == outcome {
			return true
		}
	}
	return false
}

// TestRandomSessionOf plays one sequence, which a failure of the test above has printed.
func TestRandomSessionOf(t *testing.T) {
	text := os.Getenv("CTPIPE_ACTS")
	if text == "" {
		t.Skip("CTPIPE_ACTS has no sequence")
	}
	var acts []act
	if err := json.Unmarshal([]byte(text), &acts); err != nil {
		t.Fatal(err)
	}
	build := &stage{T: t, dir: t.TempDir()}
	for _, slow := range []bool{false, true} {
		plain, wrong := build.played(acts, slow, false)
		saved, wrong2 := build.played(acts, slow, true)
		t.Logf("%v %v\n%s", wrong, wrong2, plain)
		if plain != saved {
			t.Errorf("it matters that the session was saved and restored:\n%s", firstDifference(plain, saved))
		}
	}
}

func script(acts []act) string {
	raw, _ := json.Marshal(acts)
	return "CTPIPE_ACTS='" + string(raw) + "'"
}

// firstDifference are the lines about the first that differs.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			from := max(i-8, 0)
			return fmt.Sprintf("without:\n%s\nwith:\n%s", strings.Join(x[from:min(i+5, len(x))], "\n"), strings.Join(y[from:min(i+5, len(y))], "\n"))
		}
	}
	return "the second is longer"
}
