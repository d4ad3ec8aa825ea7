package inbox

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// random runs f on thousands of random sequences, a hundred at a time.
func random(t *testing.T, sequences int, f func(*rapid.T)) {
	t.Helper()
	if testing.Short() {
		sequences /= 20
	}
	for range max(sequences/100, 1) {
		if rapid.Check(t, f); t.Failed() {
			return
		}
	}
}

// twins are two inboxes that are told the same; one is cloned, or saved as JSON,
// now and then.
type twins struct {
	*rapid.T
	plain, saved Inbox
	put          []Message // that are not out yet, in the order they are to come
	out          []string
	taken        Message // the last that came out
	has          bool
	n            int
	old          []oldInbox
}

// oldInbox is a clone with what it was.
type oldInbox struct {
	clone Inbox
	was   string
}

func encoded(t *rapid.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

func (w *twins) both(do func(b *Inbox) any) any {
	w.Helper()
	first, second := do(&w.plain), do(&w.saved)
	if a, b := encoded(w.T, first), encoded(w.T, second); a != b {
		w.Fatalf("the one that was never saved: %s\nthe other: %s", a, b)
	}
	if a, b := encoded(w.T, w.plain), encoded(w.T, w.saved); a != b {
		w.Fatalf("they differ:\n%s\n%s", a, b)
	}
	return first
}

// add puts a message; it comes after those that wait, unless it is a command of
// Claude's own and people still choose about one.
func (w *twins) add() {
	w.n++
	m := Message{ID: fmt.Sprint("m", w.n), Text: rapid.SampledFrom([]string{"", "x", "@f"}).Draw(w.T, "text")}
	switch rapid.SampledFrom([]string{"plain", "plain", "slash", "fetching", "choosing"}).Draw(w.T, "kind") {
	case "slash":
		m.Slash, m.Text = true, "/compact"
	case "fetching":
		m.Fetching = true
	case "choosing":
		m.Choosing = true
	}
	at := len(w.put)
	if i := slices.IndexFunc(w.put, func(o Message) bool { return o.Choosing }); m.Slash && i >= 0 {
		at = i
	}
	w.put = slices.Insert(w.put, at, m)
	w.both(func(b *Inbox) any { b.Put(m); return b.Full() })
}

// next demands that the first that lacks nothing comes out, once.
func (w *twins) next() {
	var m Message
	var ok bool
	w.both(func(b *Inbox) any { m, ok = b.Next(); return []any{m, ok} })
	for len(w.put) > 0 && !w.put[0].Fetching && !w.put[0].Choosing && w.put[0].empty() {
		w.put = w.put[1:]
	}
	want := len(w.put) > 0 && !w.put[0].Fetching && !w.put[0].Choosing
	if ok != want || ok && m.ID != w.put[0].ID {
		w.Fatalf("%v %v came out, waiting are %+v", ok, m.ID, w.put)
	}
	if w.taken, w.has = m, ok; !ok {
		return
	}
	if slices.Contains(w.out, m.ID) {
		w.Fatalf("%s comes twice", m.ID)
	}
	w.out, w.put = append(w.out, m.ID), w.put[1:]
	w.both(func(b *Inbox) any { b.Sent(m.ID); return b.Undone[m.ID] })
}

// waiting is the id of a message that lacks something, or of none.
func (w *twins) waiting(fits func(Message) bool) (id string, m *Message) {
	for i := range w.put {
		if fits(w.put[i]) && rapid.Bool().Draw(w.T, "this") {
			return w.put[i].ID, &w.put[i]
		}
	}
	return "m0", &Message{}
}

func (w *twins) step() {
	user := rapid.SampledFrom([]pipeline.UserID{"u1", "u2", "u3"}).Draw(w.T, "user")
	switch rapid.SampledFrom([]string{"add", "add", "add", "next", "next", "fetched", "chosen", "back", "dealt", "ask", "worded", "gone", "undelivered", "save", "save"}).Draw(w.T, "step") {
	case "add":
		w.add()
	case "next":
		w.next()
	case "fetched":
		id, m := w.waiting(func(m Message) bool { return m.Fetching })
		files, missing := rapid.SampledFrom([]string{"", "/f"}).Draw(w.T, "files"), rapid.Bool().Draw(w.T, "missing")
		m.Fetching, m.Files = false, files
		w.both(func(b *Inbox) any { return b.Fetched(id, files, []claude.Image{}, missing) })
	case "chosen":
		id, m := w.waiting(func(m Message) bool { return m.Choosing })
		m.Choosing = false
		w.both(func(b *Inbox) any { b.Choose(id, "before\n"); return nil })
	case "back":
		if !w.has {
			return
		}
		m := w.taken
		w.has, w.put, w.out = false, append([]Message{m}, w.put...), slices.DeleteFunc(w.out, func(id string) bool { return id == m.ID })
		w.both(func(b *Inbox) any { b.Dealt(m.ID); b.Back(m); return nil })
	case "dealt":
		w.both(func(b *Inbox) any { b.Dealt(w.out...); return len(b.Undone) })
	case "ask":
		quiet := rapid.Bool().Draw(w.T, "quiet")
		alone := quiet && len(w.plain.Queue) == 0
		w.both(func(b *Inbox) any { b.Ask(user, quiet); return b.Requesters })
		if !slices.Contains(w.plain.Requesters, user) || alone && len(w.plain.Requesters) != 1 {
			w.Fatalf("%s asks (alone %v): it is for %v", user, alone, w.plain.Requesters)
		}
	case "worded":
		none := len(w.plain.Requesters) == 0
		w.both(func(b *Inbox) any { b.Worded(user); return b.Requesters })
		if none != (len(w.plain.Requesters) == 0) || !none && !slices.Contains(w.plain.Requesters, user) {
			w.Fatalf("%s has a word: it is for %v", user, w.plain.Requesters)
		}
	case "gone":
		w.both(func(b *Inbox) any { b.Gone(); return nil })
	case "undelivered":
		if rapid.IntRange(0, 4).Draw(w.T, "really") > 0 {
			return
		}
		said := w.both(func(b *Inbox) any { return b.Undelivered() })
		if (said == "") != (len(w.put) == 0) {
			w.Fatalf("%d wait, people read %q", len(w.put), said)
		}
		w.put, w.has = nil, false
	case "save":
		w.old = append(w.old, oldInbox{w.plain.Clone(), encoded(w.T, w.plain)})
		var back Inbox
		if err := json.Unmarshal([]byte(encoded(w.T, w.saved)), &back); err != nil {
			w.Fatalf("%v", err)
		}
		w.saved = back
	}
}

// TestInbox covers RACE-01: every message that was put comes out once and in
// order, but for commands of Claude's own, which overtake what people still
// choose about. An inbox that is saved at any moment goes on as one that never
// was, and a clone stays what it was.
func TestInbox(t *testing.T) {
	random(t, 10_000, func(r *rapid.T) {
		w := &twins{T: r}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.step()
		}
		for _, o := range w.old {
			if now := encoded(r, o.clone); now != o.was {
				r.Fatalf("a clone changed:\n%s\n%s", o.was, now)
			}
		}
		for i := range w.put { // nothing is lost
			id := w.put[i].ID
			w.put[i].Fetching, w.put[i].Choosing, w.put[i].Text = false, false, "x"
			w.both(func(b *Inbox) any {
				b.Choose(id, "")
				b.change(id, func(m *Message) { m.Fetching, m.Text = false, "x" })
				return nil
			})
		}
		for len(w.put) > 0 {
			w.next()
		}
		if w.next(); w.has {
			r.Fatalf("%s was never put", w.taken.ID)
		}
	})
}

// TestFull: a hundred messages may wait.
func TestFull(t *testing.T) {
	var b Inbox
	for i := range queueMost {
		if b.Full() {
			t.Fatalf("full with %d", i)
		}
		b.Put(Message{ID: fmt.Sprint(i), Text: "x"})
	}
	if !b.Full() {
		t.Error("never full")
	}
}

// TestWhole: what Claude reads of a message, in order: what the thread holds, who
// wrote it, the text, where its files are.
func TestWhole(t *testing.T) {
	tests := []struct {
		name  string
		in    Message
		text  string
		typed bool
	}{
		{name: "plain", in: Message{Text: "hi"}, text: "hi"},
		{name: "of one of several people", in: Message{Text: "hi", Mark: "[@bob]: "}, text: "[@bob]: hi"},
		{name: "with files", in: Message{Text: "hi", Files: "Files: /a"}, text: "hi\n\nFiles: /a"},
		{name: "files alone", in: Message{Files: "Files: /a"}, text: "Files: /a"},
		{name: "with what came before", in: Message{Text: "hi", Mark: "[@bob]: ", History: "before"}, text: "before\n[@bob]: hi"},
		{name: "a mark alone", in: Message{Mark: "[@bob]: ", Files: "Files: /a"}, text: "[@bob]:\n\nFiles: /a"},
		{name: "a command of Claude's", in: Message{Text: "/compact", Slash: true}, text: "/compact", typed: true},
		{name: "one that would read a file", in: Message{Text: "/review @/etc/passwd", Slash: true}, text: "/review @/etc/passwd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.ID = "id"
			if got := tt.in.Whole(); !reflect.DeepEqual(got, claude.UserMessage{UUID: "id", Text: tt.text, AsTyped: tt.typed}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestUndelivered: people learn how many messages Claude never got.
func TestUndelivered(t *testing.T) {
	for n, want := range []string{"", "Your message was not", "2 messages were not"} {
		var b Inbox
		for range n {
			b.Put(Message{ID: "x", Text: "x"})
		}
		if got := b.Undelivered(); !strings.Contains(got, want) || (got == "") != (want == "") || len(b.Queue) > 0 {
			t.Errorf("%d: %q", n, got)
		}
	}
}
