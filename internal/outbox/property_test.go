package outbox

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"

	"pgregory.net/rapid"
)

// act is one thing that is asked of an outbox, or done by people.
type act struct {
	What  string
	Key   int
	Pause int // ms before the next
}

// mishaps is what a bad server and a bad network do to one request after
// another; when they are used up, all goes well.
type mishap struct {
	Delay  int // ms
	Status int // 0: none
	Lost   bool
}

// TestOutboxProperty covers STR-01, STR-06 and NET-05: whatever is asked in
// whatever order, however slow the server is and whatever it refuses for a
// moment or answers without being heard, the thread ends with each post as it
// was last put, once, in the order of the first Put.
func TestOutboxProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		acts := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) act {
			return act{What: rapid.SampledFrom([]string{"put", "put", "put", "put", "remove", "seal", "people"}).Draw(r, "what"),
				Key: rapid.IntRange(0, 4).Draw(r, "key"), Pause: rapid.SampledFrom([]int{0, 0, 10, 200, 3000}).Draw(r, "pause")}
		}), 1, 30).Draw(r, "acts")
		bad := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) mishap {
			return mishap{Delay: rapid.IntRange(0, 900).Draw(r, "delay"), Status: rapid.SampledFrom([]int{0, 0, 500, 503, 429}).Draw(r, "status"), Lost: rapid.Bool().Draw(r, "lost")}
		}), 0, 40).Draw(r, "mishaps")
		var fault string
		synctest.Test(t, func(t *testing.T) { fault = play(t, acts, bad) })
		if fault != "" {
			r.Fatal(fault)
		}
	})
}

// play returns what is wrong in the end, "" for nothing.
func play(t *testing.T, acts []act, bad []mishap) string {
	o, chat, root := box(t)
	chat.Fate = func(op string) chattest.Fate {
		if len(bad) == 0 {
			return chattest.Fate{}
		}
		m := bad[0]
		bad = bad[1:]
		f := chattest.Fate{Delay: time.Duration(m.Delay) * time.Millisecond}
		switch {
		case m.Status == 429:
			f.Err = &mattermost.APIError{Status: 429, RetryAfter: time.Second}
		case m.Status != 0:
			f.Err = chattest.Refusal(m.Status, "down")
		case m.Lost && op == "create":
			f.Lost = chattest.LostAnswer()
		case m.Lost && op == "patch":
			f.Lost = chattest.ErrCut
		}
		return f
	}
	type post struct{ key, text string }
	var want []post // in the order in which they must appear
	find := func(key string) int {
		for i, p := range want {
			if p.key == key {
				return i
			}
		}
		return -1
	}
	sealed := map[string]bool{}
	for n, a := range acts {
		key := fmt.Sprint("k", a.Key)
		at := find(key)
		switch {
		case sealed[key]: // nobody puts to it again
		case a.What == "put":
			text := fmt.Sprint(key, " text ", n)
			if at < 0 {
				want = append(want, post{key, text})
			} else {
				want[at].text = text
			}
			o.Put(key, Draft{Text: text, Seeds: []string{"+1"}})
		case a.What == "remove" && at >= 0:
			want = append(want[:at:at], want[at+1:]...)
			o.Remove(key)
		case a.What == "seal" && at >= 0:
			sealed[key] = true
			o.Seal(key)
		case a.What == "people" && at >= 0: // somebody deletes the newest post, and it is put again
			o.Wait(t.Context())
			if posts := chat.Said(root); len(posts) > 0 && find(key) == len(want)-1 {
				chat.Deletes(posts[len(posts)-1].ID)
				want[at].text = fmt.Sprint(key, " again ", n)
				o.Put(key, Draft{Text: want[at].text, Seeds: []string{"+1"}})
				o.Wait(t.Context()) // only the edit finds out that the post is gone
			}
		}
		time.Sleep(time.Duration(a.Pause) * time.Millisecond)
	}
	o.Wait(t.Context())
	var texts []string
	for _, p := range want {
		texts = append(texts, p.text)
	}
	got := chattest.Messages(chat.Said(root))
	if strings.Join(got, "\n") != strings.Join(texts, "\n") {
		return fmt.Sprintf("the thread shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(texts, "\n"))
	}
	for _, p := range chat.Said(root) {
		if len(chat.Marks(p.ID)) == 0 {
			return "a post without its seeds: " + p.Message
		}
	}
	return ""
}

// TestOutboxObeys429 covers STR-07: after a 429 nothing is sent before the
// server lets it, and a slow server is edited less often.
func TestOutboxObeys429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		o.Put("a", Draft{Text: "0"})
		o.Wait(t.Context())
		var asked []time.Time
		began, refusals := time.Now(), 1
		chat.Fate = func(string) chattest.Fate {
			asked = append(asked, time.Now())
			if refusals > 0 {
				refusals--
				return chattest.Fate{Err: &mattermost.APIError{Status: 429, RetryAfter: 20 * time.Second}}
			}
			return chattest.Fate{Delay: 2 * time.Second}
		}
		for i := range 600 {
			o.Put("a", Draft{Text: fmt.Sprint(i)})
			time.Sleep(100 * time.Millisecond)
		}
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "599")
		if wait := asked[1].Sub(asked[0]); wait < 20*time.Second {
			t.Errorf("asked again after %s", wait)
		}
		if n := len(asked); n > 8 { // 40 s at no less than 2 s + 3 × 2 s each
			t.Errorf("%d requests in %s", n, time.Since(began))
		}
	})
}
