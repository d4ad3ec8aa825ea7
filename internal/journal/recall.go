package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// Query says which record is looked for. Empty fields fit all records; the
// newest that fits is meant.
type Query struct {
	Event  string // an event's id, or how it begins or ends
	Tool   pipeline.ToolID
	Post   pipeline.PostID   // the event's own post
	Thread pipeline.ThreadID // where it happened
	// Skip leaves out records that are not meant.
	Skip func(*Record) bool
}

// recallBytes is how much of the journal Recall reads, from its end.
const recallBytes = 16 << 20

// shortestID is how much of an event's id people have to give.
const shortestID = 4

// Recall gives the newest record that a query means, of the last 16 MiB of the
// journal; ErrNotFound where there is none, and ErrAmbiguous where an event's
// short id means several.
func Recall(dir string, q Query) (Record, error) {
	if q.Event != "" && (len(q.Event) < shortestID || !plainID(q.Event)) {
		return Record{}, fmt.Errorf("%w: %q is not an event id, nor the beginning or end of one", ErrNotFound, q.Event)
	}
	names, err := list(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Record{}, err
	}
	r := recall{query: q, marks: q.marks(), left: recallBytes}
	for _, name := range slices.Backward(names) {
		if err := r.file(filepath.Join(dir, name.String())); err != nil {
			return Record{}, err
		}
		if r.done() {
			break
		}
	}
	switch {
	case r.found == nil:
		return Record{}, ErrNotFound
	case r.other != "":
		return Record{}, fmt.Errorf("%w: %s may be %s or %s", ErrAmbiguous, q.Event, r.found.Event.ID, r.other)
	}
	return *r.found, nil
}

func plainID(id string) bool {
	return !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' })
}

type recall struct {
	query Query
	marks [][]byte
	left  int
	found *Record
	other pipeline.EventID // a second one that a short id means
}

func (r *recall) done() bool {
	return r.left <= 0 || r.other != "" || r.found != nil && (r.query.Event == "" || string(r.found.Event.ID) == r.query.Event)
}

func (r *recall) file(path string) error {
	f, err := openRead(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // aged meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close()
	err = backward(f, func(line []byte) bool {
		r.left -= len(line) + 1
		r.look(line)
		return !r.done()
	})
	if err != nil {
		return fmt.Errorf("read journal backwards: %w", err)
	}
	return nil
}

// look decodes a line only where its bytes say that it may be meant.
func (r *recall) look(line []byte) {
	for _, m := range r.marks {
		if !bytes.Contains(line, m) {
			return
		}
	}
	var rec Record
	if json.Unmarshal(line, &rec) != nil || !r.query.fits(&rec) {
		return
	}
	switch {
	case r.found == nil:
		r.found = &rec
	case rec.Event.ID != r.found.Event.ID:
		if string(rec.Event.ID) == r.query.Event {
			r.found = &rec // it alone is the whole id
			return
		}
		r.other = rec.Event.ID
	}
}

// marks are bytes that every line has which the query means.
func (q Query) marks() [][]byte {
	var out [][]byte
	for _, id := range []string{q.Event, string(q.Tool), string(q.Post), string(q.Thread)} {
		if id != "" {
			out = append(out, []byte(id)) // an id needs no escapes in JSON
		}
	}
	return out
}

func (q Query) fits(r *Record) bool {
	ev, id := &r.Event, string(r.Event.ID)
	switch {
	case q.Event != "" && !strings.HasPrefix(id, q.Event) && !strings.HasSuffix(id, q.Event):
	case q.Tool != "" && ev.Tool.ID != q.Tool:
	case q.Post != "" && ev.Post.ID != q.Post:
	case q.Thread != "" && ev.Thread.ID != q.Thread:
	case q.Skip != nil && q.Skip(r):
	default:
		return true
	}
	return false
}
