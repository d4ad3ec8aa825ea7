package session

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// delta streams a text block in pieces, as the CLI does, and ends it.
func (a *fakeAgent) streams(t *testing.T, id string, pieces []string, pause func()) {
	a.says(t, `{"type":"stream_event","event":{"type":"message_start","message":{"id":%q}}}`, id)
	a.says(t, `{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"text"}}}`)
	for _, p := range pieces {
		a.says(t, `{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}}`, quoted(p))
		pause()
	}
	a.text(t, id, strings.Join(pieces, ""))
}

// TestTextArrivesOnce covers STR-01 and STR-02: whatever the server does
// (delays, 5xx, 429, lost answers, posts deleted by people), and however events
// are timed, the thread ends with Claude's words, each once and in order, and
// no turn is written into the post of an earlier one.
func TestTextArrivesOnce(t *testing.T) {
	for seed := range 60 {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "")
			root, a := w.opened()
			rnd, faults := rand.New(rand.NewSource(int64(seed))), rand.New(rand.NewSource(int64(seed)+1000))
			w.chat.Mu.Lock()
			w.chat.Fate = func(op string) chattest.Fate {
				f := chattest.Fate{Delay: time.Duration(faults.Intn(400)) * time.Millisecond}
				switch n := faults.Intn(12); {
				case n == 0:
					f.Err = chattest.Refusal(503, "down")
				case n == 1:
					f.Err = &mattermost.APIError{Status: 429, RetryAfter: time.Second}
				case n == 2 && op == "create":
					f.Lost = chattest.LostAnswer()
				case n == 2 && op == "patch":
					f.Lost = chattest.ErrCut
				}
				return f
			}
			w.chat.Mu.Unlock()
			var said []string
			for turn := range 5 {
				var pieces []string
				for i := range 3 + rnd.Intn(20) {
					pieces = append(pieces, fmt.Sprintf("t%dw%d ", turn, i))
				}
				a.streams(t, fmt.Sprint("m", turn), pieces, func() {
					time.Sleep(time.Duration(rnd.Intn(300)) * time.Millisecond)
					if posts := w.chat.OfKind(root, "answer"); len(posts) > 0 && rnd.Intn(40) == 0 {
						if last := posts[len(posts)-1]; strings.Contains(last.Message, fmt.Sprintf("t%dw", turn)) && !strings.Contains(last.Message, pieces[len(pieces)-1]) { // a whole one that people delete stays deleted
							w.chat.Deletes(last.ID)
						}
					}
				})
				said = append(said, strings.TrimSpace(strings.Join(pieces, "")))
				a.ends(t)
				w.host.session(w.host.threadID(w.rootID(root))).Out.Wait(t.Context())
				time.Sleep(time.Second)
				synctest.Wait()
			}
			w.host.session(w.host.threadID(w.rootID(root))).Out.Wait(t.Context())
			var got []string
			for _, p := range w.chat.OfKind(root, "answer") {
				got = append(got, strings.TrimSpace(p.Message))
			}
			if strings.Join(got, "\n") != strings.Join(said, "\n") {
				t.Errorf("seed %d: the thread shows\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(said, "\n"))
			}
		})
	}
}

// TestNoGhost covers STR-14: what the CLI gives up half-way and repeats is in
// the thread once; nothing is left looking unfinished.
func TestNoGhost(t *testing.T) {
	for name, line := range map[string]string{
		"abandoned": `{"type":"stream_event","event":{"type":"message_stop"},"abandoned_blocks":{"api_message_id":"m1","from_block_index":0}}`,
		"retry":     `{"type":"system","subtype":"api_retry","attempt":1,"error":"x"}`,
		"other id":  `{"type":"stream_event","event":{"type":"message_start","message":{"id":"m9"}}}`,
	} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			a.says(w.T, `{"type":"stream_event","event":{"type":"message_start","message":{"id":"m1"}}}`)
			a.says(w.T, `{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"text"}}}`)
			a.says(w.T, `{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half a"}}}`)
			w.settle()
			w.shows(root, "half a")
			a.says(w.T, "%s", line)
			w.settle()
			a.text(w.T, "m2", "the whole answer")
			a.ends(w.T)
			w.settle()
			if got := chattest.Messages(w.chat.OfKind(root, "answer")); len(got) != 1 || got[0] != "the whole answer" {
				t.Errorf("%s: %q", name, got)
			}
			if kept, err := w.host.session(w.host.threadID(w.rootID(root))).words.Save(); err != nil || strings.Contains(string(kept), `"answers"`) {
				t.Errorf("%s: answers are kept: %s, %v", name, kept, err)
			}
		})
	}
}

// TestCompactRepeats: lines that /compact writes a second time are shown once.
func TestCompactRepeats(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for _, id := range []string{"m1", "m2"} {
			a.says(t, `{"type":"assistant","uuid":"u1","message":{"id":%q,"model":"m","content":[{"type":"text","text":"once"}]}}`, id)
		}
		w.settle()
		chattest.Want(t, chattest.Messages(w.chat.OfKind(root, "answer")), "once")
	})
}

// TestTyping covers STR-12: the indicator ends with the turn, with a card, with
// the process, with !stop, and with ctpipe itself.
func TestTyping(t *testing.T) {
	for name, stop := range map[string]func(w *world, root string, a *fakeAgent){
		"result":   func(_ *world, _ string, a *fakeAgent) { a.h.Message(&claude.Result{}) },
		"exit":     func(_ *world, _ string, a *fakeAgent) { a.h.Exit(claude.Exit{}) },
		"card":     func(_ *world, _ string, a *fakeAgent) { a.bash("t1", "touch x") },
		"stop":     func(w *world, root string, _ *fakeAgent) { w.says("alice", root, "!stop") },
		"shutdown": func(w *world, _ string, _ *fakeAgent) { w.closed() },
	} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if len(w.chat.Typed) < 3 {
				t.Errorf("%s: %d times typing in 12 s", name, len(w.chat.Typed))
			}
			stop(w, root, a)
			w.settle()
			n := len(w.chat.Typed)
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(w.chat.Typed) != n {
				t.Errorf("%s: typing goes on", name)
			}
		})
	}
}
