package transcript

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// epoch is when everything begins.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fault ends a test; *testing.T and *rapid.T do.
type fault interface {
	Helper()
	Fatalf(format string, args ...any)
}

func empty() *Transcript {
	return New(Config{Prefix: "s1", Runes: 400, Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2hunter2", "•••") },
		Fit: func(s string) string { return s[:min(len(s), 4000)] }})
}

// line is a message as the CLI writes it.
func line(t fault, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return raw
}

func decoded(t fault, raw []byte) claude.Message {
	m, err := claude.Decode(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return m
}

type obj = map[string]any

func messageStart(id string) obj {
	return obj{"type": "stream_event", "event": obj{"type": "message_start", "message": obj{"id": id}}}
}

func blockStart(i int, kind string) obj {
	return obj{"type": "stream_event", "event": obj{"type": "content_block_start", "index": i, "content_block": obj{"type": kind}}}
}

func delta(i int, text string) obj {
	return obj{"type": "stream_event", "event": obj{"type": "content_block_delta", "index": i, "delta": obj{"type": "text_delta", "text": text}}}
}

func reply(id, parent string, blocks ...obj) obj {
	m := obj{"type": "assistant", "message": obj{"id": id, "model": "m", "content": blocks}}
	if parent != "" {
		m["parent_tool_use_id"] = parent
	}
	return m
}

func textBlock(text string) obj { return obj{"type": "text", "text": text} }

func use(id, tool string, input obj) obj {
	return obj{"type": "tool_use", "id": id, "name": tool, "input": input}
}

func result(id, text string, failed bool, more obj) obj {
	m := obj{"type": "user", "message": obj{"content": []obj{{"type": "tool_result", "tool_use_id": id, "content": text, "is_error": failed}}}}
	if more != nil {
		m["tool_use_result"] = more
	}
	return m
}

// ruling is what the chain says of one block.
type ruling struct {
	Withhold bool
	Style    string // "" is the thread's own
	File     bool
}

// ruled performs a ruling on an update, as the session does, and says all that came
// out of it.
func ruled(t *Transcript, u Update, r ruling, newest bool) (changes []outbox.Change, said string) {
	in := t.Context()
	judge, changes := t.Next(u)
	if !judge {
		return changes, "not judged"
	}
	show, forms := u.Form(in)
	if show.Text == "" {
		t.Empty(u)
		return changes, "empty"
	}
	if path, _ := u.Wrote(); path != "" {
		u = u.WithChange(&display.FileChange{NewLink: "/elsewhere"})
	}
	said = fmt.Sprintf("%+v %+v", show, forms)
	style, text, ok := forms.Pick(r.Style, show.Verbosity)
	if !ok {
		style, text = r.Style, show.Text
	}
	if r.Withhold {
		first, more := t.Withheld(u.Block, newest)
		changes, said = append(changes, more...), said+fmt.Sprint(first)
	} else {
		e := pipeline.Deliver{Text: text, Style: style, Final: show.Final}
		if r.File {
			e.Files = []pipeline.TextFile{{Name: "x.md", Text: show.Text}}
		}
		changes = append(changes, t.Delivered(u.Block, e, newest)...)
	}
	t.Judged(u, Seen(show, forms, style))
	return changes, said
}

// thread is what posts a list of changes makes.
type thread struct {
	keys  []string // in the order in which they were made
	text  map[string]string
	ended map[string]string // sealed or removed
}

func newThread() *thread { return &thread{text: map[string]string{}, ended: map[string]string{}} }

func (w *thread) apply(t fault, changes []outbox.Change) {
	for _, c := range changes {
		if c.Put != nil {
			if end := w.ended[c.Key]; end != "" {
				t.Fatalf("%s is put after it was %s", c.Key, end)
			}
			if !slices.Contains(w.keys, c.Key) {
				w.keys = append(w.keys, c.Key)
			}
			w.text[c.Key] = c.Put.Text
		}
		if c.Remove {
			w.ended[c.Key] = "removed"
			delete(w.text, c.Key)
		}
		if c.Seal {
			w.ended[c.Key] = "sealed"
		}
	}
}

// answers is what the thread shows of Claude's words.
func (w *thread) answers() string {
	var all []string
	for _, k := range w.keys {
		if text, ok := w.text[k]; ok && strings.HasPrefix(k, "answer ") {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// hears lets a transcript hear a message of its own copy.
func hears(t fault, tr *Transcript, raw []byte, now time.Time) string {
	notice, again := tr.Heard(decoded(t, raw), display.Options{Home: "/home/u"}, now)
	return fmt.Sprint(notice, again)
}

var _ fault = (*testing.T)(nil)
