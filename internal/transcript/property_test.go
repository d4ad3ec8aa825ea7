package transcript

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/display"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// twins are two transcripts that hear the same; one of them is saved and restored
// now and then.
type twins struct {
	*rapid.T
	plain, saved *Transcript
	now          time.Time
	taken        []Update // the plain one's
	held         []Update // withheld
	uses         []string
	post         int
}

// both does one thing to both, and demands the same from both.
func (w *twins) both(do func(t *Transcript) any) {
	w.Helper()
	a, err := json.Marshal(do(w.plain))
	if err != nil {
		w.Fatalf("%v", err)
	}
	if b, err := json.Marshal(do(w.saved)); err != nil || string(a) != string(b) {
		w.Fatalf("the one that was never saved:\n%s\nthe other: %v\n%s", a, err, b)
	}
	w.same()
}

// same demands that both know the same.
func (w *twins) same() {
	w.Helper()
	a, err := w.plain.Save()
	b, err2 := w.saved.Save()
	if err != nil || err2 != nil || string(a) != string(b) {
		w.Fatalf("%v %v; they differ:\n%s\n%s", err, err2, a, b)
	}
}

func (w *twins) hear(m obj) {
	w.Helper()
	raw := line(w, m)
	w.both(func(t *Transcript) any { return hears(w, t, raw, w.now) })
}

var inputs = map[string]obj{
	"Bash":      {"command": "echo hunter2hunter2\nls", "description": "x"},
	"Edit":      {"file_path": "/home/u/a.go", "old_string": "one", "new_string": "two"},
	"Write":     {"file_path": "b.txt", "content": "x\ny\n"},
	"Read":      {"file_path": "/r/a.go", "offset": 3},
	"Agent":     {"description": "look", "subagent_type": "explore", "prompt": "p"},
	"TodoWrite": {"todos": []obj{{"content": "first", "activeForm": "f", "status": "in_progress"}, {"content": "second", "activeForm": "s", "status": "pending"}}},
	"TaskCreate": {
		"subject": "a task", "activeForm": "tasking"},
	"TaskUpdate":      {"taskId": "1", "status": "completed"},
	"AskUserQuestion": {"questions": []obj{}},
	"mcp__x__y":       {"a": []obj{{"b": 1.5}}},
}

var results = []obj{nil, {"stdout": strings.Repeat("line <b> & hunter2hunter2\n", 60), "stderr": ""}, {"backgroundTaskId": "bg1", "stdout": "", "stderr": ""},
	{"status": "async_launched", "agentType": "explore"}, {"task": obj{"id": "1", "subject": "a task"}}, {"success": true},
	{"newTodos": []obj{{"content": "first", "activeForm": "f", "status": "completed"}, {"content": "second", "activeForm": "s", "status": "completed"}}},
	{"type": "create", "filePath": "b.txt", "content": "x\n", "structuredPatch": []obj{}, "originalFile": nil},
	{"filePath": "/home/u/a.go", "structuredPatch": []obj{{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": []string{"-one", "+two"}}}}}

func (w *twins) anyUse() string {
	if len(w.uses) == 0 {
		return "u0"
	}
	return rapid.SampledFrom(w.uses).Draw(w.T, "use")
}

// steps is what can happen; each entry is as likely as the next.
var steps = []struct {
	name string
	do   func(w *twins)
}{
	{"message start", func(w *twins) { w.hear(messageStart(fmt.Sprint("m", rapid.IntRange(0, 5).Draw(w.T, "id")))) }},
	{"block start", func(w *twins) {
		w.hear(blockStart(rapid.IntRange(0, 2).Draw(w.T, "index"), rapid.SampledFrom([]string{"text", "thinking", "tool_use"}).Draw(w.T, "kind")))
	}},
	{"delta", func(w *twins) {
		w.hear(delta(rapid.IntRange(0, 2).Draw(w.T, "index"), rapid.StringMatching(`[a-z é\n]{0,8}`).Draw(w.T, "text")))
	}},
	{"stop", func(w *twins) {
		w.hear(obj{"type": "stream_event", "event": obj{"type": "message_stop"}, "abandoned_blocks": obj{"from_block_index": rapid.IntRange(0, 2).Draw(w.T, "from")}})
	}},
	{"reply", func(w *twins) {
		m := reply(fmt.Sprint("m", rapid.IntRange(0, 5).Draw(w.T, "id")), "", textBlock(rapid.StringMatching(`[a-z \n]{0,900}`).Draw(w.T, "text")), obj{"type": "thinking", "thinking": "hm"})
		switch rapid.IntRange(0, 4).Draw(w.T, "kind") {
		case 0:
			m["error"] = "overloaded"
		case 1:
			m["uuid"] = fmt.Sprint("line", rapid.IntRange(0, 3).Draw(w.T, "uuid"))
		}
		w.hear(m)
	}},
	{"call", func(w *twins) {
		tool := rapid.SampledFrom(sortedKeys(inputs)).Draw(w.T, "tool")
		parent := ""
		if len(w.uses) > 0 && rapid.Bool().Draw(w.T, "sub") {
			parent = w.anyUse()
		}
		id := fmt.Sprint("u", len(w.uses))
		w.uses = append(w.uses, id)
		w.hear(reply("m9", parent, use(id, tool, inputs[tool])))
	}},
	{"result", func(w *twins) {
		w.hear(result(w.anyUse(), rapid.SampledFrom([]string{"ok", "Error: <no>", "Task #1 created"}).Draw(w.T, "text"), rapid.Bool().Draw(w.T, "failed"),
			rapid.SampledFrom(results).Draw(w.T, "result")))
	}},
	{"local", func(w *twins) {
		w.hear(obj{"type": "user", "uuid": fmt.Sprint("line", rapid.IntRange(0, 3).Draw(w.T, "uuid")), "message": obj{"content": "<local-command-stdout>out</local-command-stdout>"}})
	}},
	{"refused", func(w *twins) {
		id := pipeline.ToolID(w.anyUse())
		w.both(func(t *Transcript) any { t.Refused(id, "rule x", "no <way>", w.now); return nil })
	}},
	{"approved", func(w *twins) {
		id := pipeline.ToolID(w.anyUse())
		w.both(func(t *Transcript) any { t.TimeFromNow(id, w.now); return nil })
	}},
	{"compaction", func(w *twins) {
		w.hear(rapid.SampledFrom([]obj{{"type": "system", "subtype": "status", "status": "compacting"}, {"type": "system", "subtype": "status", "compact_result": "success"},
			{"type": "system", "subtype": "status", "compact_result": "failed", "compact_error": "x"},
			{"type": "system", "subtype": "compact_boundary", "compact_metadata": obj{"trigger": "auto", "pre_tokens": 9000, "post_tokens": 100}}}).Draw(w.T, "status"))
	}},
	{"retry", func(w *twins) { w.hear(obj{"type": "system", "subtype": "api_retry", "attempt": 1, "error": "x"}) }},
	{"task", func(w *twins) {
		id := w.anyUse()
		w.hear(rapid.SampledFrom([]obj{
			{"type": "system", "subtype": "task_progress", "task_id": "t", "tool_use_id": id, "usage": obj{"total_tokens": 5, "tool_uses": 2, "duration_ms": 3000}},
			{"type": "system", "subtype": "task_notification", "task_id": "bg1", "tool_use_id": id, "status": "completed", "summary": "done hunter2hunter2"}}).Draw(w.T, "task"))
	}},
	{"limit", func(w *twins) {
		w.hear(obj{"type": "rate_limit_event", "rate_limit_info": obj{"status": "allowed_warning", "rateLimitType": "five_hour", "utilization": 0.9}})
	}},
	{"turn", func(w *twins) {
		background := rapid.Bool().Draw(w.T, "background")
		w.both(func(t *Transcript) any { return t.TurnEnded(background, w.now) })
	}},
	{"gone", func(w *twins) {
		w.both(func(t *Transcript) any { t.Closed(w.now); t.Dropped(w.now); return t.Waits() })
	}},
	{"person", func(w *twins) { w.both(func(t *Transcript) any { t.PersonWrote(); return nil }) }},
	{"style", func(w *twins) {
		v := rapid.SampledFrom([]display.Verbosity{"", display.Full, display.Line, display.File, display.Hidden}).Draw(w.T, "style")
		w.both(func(t *Transcript) any { t.SetStyle(v); return t.Style() })
	}},
	{"list posted", func(w *twins) {
		w.post++
		id := pipeline.PostID(fmt.Sprint("p", w.post))
		w.both(func(t *Transcript) any { return []any{t.ListPosted(t.ListKey(), id), t.ListPost()} })
	}},
	{"list folded", func(w *twins) {
		on := pipeline.PostID(fmt.Sprint("p", rapid.IntRange(0, w.post).Draw(w.T, "post")))
		w.both(func(t *Transcript) any {
			key, changed := t.ToggleList(on, true, w.now)
			return []any{key, changed, t.Tasks()}
		})
	}},
	{"card", func(w *twins) {
		w.both(func(t *Transcript) any { t.CardShows("card 1", "E1"); return nil })
	}},
	{"take", func(w *twins) {
		w.taken = nil
		w.both(func(t *Transcript) any {
			wait, ok := t.Due(w.now)
			taken := t.Take(w.now)
			if t == w.plain {
				w.taken = taken
			}
			return []any{wait, ok, taken}
		})
	}},
	{"judge", judgeNext}, {"judge", judgeNext}, {"judge", judgeNext},
	{"share", func(w *twins) {
		if len(w.held) == 0 {
			return
		}
		u := w.held[len(w.held)-1]
		w.held = w.held[:len(w.held)-1]
		w.both(func(t *Transcript) any {
			t.Hold(u)
			now, _ := t.Share(u.Block)
			changes, said := ruled(t, now, ruling{}, true)
			return []any{changes, said}
		})
	}},
	{"resume", func(w *twins) {
		w.taken = nil
		w.both(func(t *Transcript) any { t.Resume(w.now); return nil })
	}},
	{"forget", func(w *twins) { w.both(func(t *Transcript) any { return t.Forget() }) }},
	{"save", func(w *twins) {
		kept, err := w.saved.Save()
		if err != nil {
			w.Fatalf("%v", err)
		}
		w.saved = empty()
		if err := w.saved.Restore(kept); err != nil {
			w.Fatalf("%v", err)
		}
		for i := range w.held {
			w.held[i] = asKept(w.T, w.held[i])
		}
	}},
}

// asKept is an update as a card that holds it is kept.
func asKept(t *rapid.T, u Update) (out Update) {
	if err := json.Unmarshal(line(t, u), &out); err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

func judgeNext(w *twins) {
	if len(w.taken) == 0 {
		return
	}
	u := w.taken[0]
	w.taken = w.taken[1:]
	r := ruling{Withhold: rapid.IntRange(0, 5).Draw(w.T, "withhold") == 0, File: rapid.IntRange(0, 9).Draw(w.T, "file") == 0,
		Style: rapid.SampledFrom([]string{"", "", "full", "fold", "line", "file", "hidden"}).Draw(w.T, "style")}
	newest := rapid.Bool().Draw(w.T, "newest")
	if r.Withhold && !u.Gone {
		w.held = append(w.held, u)
	}
	w.both(func(t *Transcript) any {
		changes, said := ruled(t, u, r, newest)
		return []any{changes, said}
	})
}

func sortedKeys(m map[string]obj) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// TestSavedGoesOn: whatever Claude says and whatever is made of it, a
// transcript that is saved and restored at any moment goes on as one that never was.
func TestSavedGoesOn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &twins{T: r, plain: empty(), saved: empty(), now: epoch}
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 30, 100, 2000}).Draw(r, "pause")) * time.Millisecond)
			steps[rapid.IntRange(0, len(steps)-1).Draw(r, "step")].do(w)
		}
		w.same()
	})
}

var words = regexp.MustCompile(`w\d+x\d+`)

// TestWordsOnceInOrder covers STR-01: what Claude writes reaches the
// thread's posts once and in order, however it is streamed, taken and interrupted by
// other posts, and however long it is.
func TestWordsOnceInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tr, w, now := empty(), newThread(), epoch
		flush := func() {
			for _, u := range tr.Take(now) {
				changes, _ := ruled(tr, u, ruling{}, true)
				w.apply(r, changes)
			}
			w.apply(r, tr.Forget())
		}
		var want []string
		for m := range rapid.IntRange(1, 6).Draw(r, "replies") {
			id := fmt.Sprint("m", m)
			streamed := rapid.Bool().Draw(r, "streamed")
			if streamed {
				hears(r, tr, line(r, messageStart(id)), now)
			}
			var blocks []obj
			for b := range rapid.IntRange(1, 3).Draw(r, "blocks") {
				var text strings.Builder
				if streamed {
					hears(r, tr, line(r, blockStart(b, "text")), now)
				}
				for i := range rapid.IntRange(1, 150).Draw(r, "words") {
					word := fmt.Sprintf("w%dx%d ", m*10+b, i)
					want = append(want, strings.TrimSpace(word))
					text.WriteString(word)
					if streamed {
						hears(r, tr, line(r, delta(b, word)), now)
					}
					switch rapid.IntRange(0, 12).Draw(r, "meanwhile") {
					case 0:
						flush()
					case 1:
						tr.Seal()
					case 2:
						now = now.Add(time.Second)
					}
				}
				blocks = append(blocks, textBlock(text.String()))
			}
			hears(r, tr, line(r, reply(id, "", blocks...)), now)
			if rapid.Bool().Draw(r, "turn") {
				w.apply(r, tr.TurnEnded(false, now))
			}
		}
		flush()
		if got := words.FindAllString(w.answers(), -1); !slices.Equal(got, want) {
			r.Fatalf("the thread has %d words, Claude said %d:\n%s", len(got), len(want), w.answers())
		}
	})
}

// TestWithheldStaysOut: a block that was withheld is in no later post,
// and what the thread had of it is deleted, not edited away.
func TestWithheldStaysOut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tr, w, now := empty(), newThread(), epoch
		bad := map[string]bool{} // the words of blocks that were withheld
		hears(r, tr, line(r, messageStart("m1")), now)
		n := rapid.IntRange(1, 4).Draw(r, "blocks")
		for b := range n {
			hears(r, tr, line(r, blockStart(b, "text")), now)
		}
		for i := range rapid.IntRange(1, 60).Draw(r, "steps") {
			b := rapid.IntRange(0, n-1).Draw(r, "block")
			hears(r, tr, line(r, delta(b, fmt.Sprintf("w%dx%d ", b, i))), now)
			if rapid.Bool().Draw(r, "seal") {
				tr.Seal()
			}
			if rapid.Bool().Draw(r, "wait") {
				continue
			}
			for _, u := range tr.Take(now) {
				withhold := rapid.IntRange(0, 6).Draw(r, "withhold") == 0
				at := strings.TrimPrefix(u.Block, "m1/")
				changes, _ := ruled(tr, u, ruling{Withhold: withhold}, true)
				bad[at] = bad[at] || withhold
				w.apply(r, changes)
				for _, word := range words.FindAllString(w.answers(), -1) {
					if block, _, _ := strings.Cut(strings.TrimPrefix(word, "w"), "x"); bad[block] {
						r.Fatalf("%s is shown:\n%s", word, w.answers())
					}
				}
			}
			w.apply(r, tr.Forget())
		}
	})
}

// TestRestoreRefuses: what a later version kept, and what is no transcript, is an
// error, and changes nothing.
func TestRestoreRefuses(t *testing.T) {
	tr := empty()
	tr.SetStyle(display.Line)
	before, _ := tr.Save()
	if err := tr.Restore(Saved(`{"version":2,"prefix":"x"}`)); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{``, `[]`, `{"version":1,"era":"x"}`, `{}`} {
		if err := tr.Restore(Saved(bad)); err == nil {
			t.Errorf("%q is restored", bad)
		}
	}
	if after, _ := tr.Save(); string(after) != string(before) {
		t.Errorf("%s became %s", before, after)
	}
}
