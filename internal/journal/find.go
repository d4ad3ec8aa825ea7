package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ctpipe/pipeline"

	"github.com/oklog/ulid/v2"
)

// Errors of Find.
var (
	ErrNotFound  = errors.New("no such event in the journal")
	ErrAmbiguous = errors.New("several events begin so")
)

// Find gives the last record of the event with this id, or whose id alone
// begins so. Where nothing was found because lines are damaged, the error is
// both ErrNotFound and a DamageError.
func Find(dir, id string) (Record, error) {
	if id == "" || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' }) {
		return Record{}, fmt.Errorf("%w: %q is not an event id", ErrNotFound, id)
	}
	mark := []byte(`"event":{"id":"` + id)
	var found *Record
	var ids []pipeline.EventID
	damage := scan(dir, idDay(id), func(line []byte) error {
		if !bytes.Contains(line, mark) {
			return nil
		}
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return &lineError{err}
		}
		switch {
		case !strings.HasPrefix(string(r.Event.ID), id): // the mark stood in a text
			return nil
		case found == nil || found.Event.ID != r.Event.ID:
			ids = append(ids, r.Event.ID)
		}
		if found == nil || found.Event.ID == r.Event.ID || string(r.Event.ID) == id {
			found = &r
		}
		return nil
	})
	switch {
	case found != nil && (len(ids) == 1 || string(found.Event.ID) == id):
		return *found, nil
	case found != nil:
		return Record{}, fmt.Errorf("%w: %s is the beginning of %s and %s", ErrAmbiguous, id, ids[0], ids[1])
	}
	return Record{}, errors.Join(fmt.Errorf("%w: %s", ErrNotFound, id), damage)
}

// idDay is the day before a whole ULID was made, which no record of it can
// precede; the zero time for other ids.
func idDay(id string) time.Time {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(parsed.Time()).AddDate(0, 0, -1)
}
