package transcript

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ctpipe/internal/display"
)

// Saved is a transcript as it is kept: JSON, of a version that it names.
type Saved = json.RawMessage

// version is that of the encoding. A field that is added needs no new one.
const version = 1

// ErrNewer says that a transcript was kept by a later ctpipe.
var ErrNewer = errors.New("kept by a later version of ctpipe")

// saved is what is kept of a transcript: all of it but its Config. A key that was
// made stays as it was, so that the prefix of its keys is kept too.
type saved struct {
	Version    int               `json:"version"`
	Prefix     string            `json:"prefix"`
	Serial     int               `json:"serial,omitempty"`
	Stream     stream            `json:"stream"`
	Calls      map[string]*call  `json:"calls,omitempty"`
	Background map[string]bool   `json:"background,omitempty"`
	List       list              `json:"list"`
	Compaction compaction        `json:"compaction"`
	Warned     string            `json:"warned,omitempty"`
	Dirty      []Update          `json:"dirty,omitempty"`
	Taken      []Update          `json:"taken,omitempty"`
	Due        time.Time         `json:"due,omitzero"`
	Flushed    time.Time         `json:"flushed,omitzero"`
	Before     string            `json:"before,omitempty"`
	Latched    map[string]bool   `json:"latched,omitempty"`
	Held       map[string]Update `json:"held,omitempty"`
	Style      display.Verbosity `json:"style,omitempty"`
	Answers    []*answer         `json:"answers,omitempty"`
	Era        int               `json:"era,omitempty"`
	Verdicts   *verdicts         `json:"verdicts"`
}

// Save is all that a transcript knows, to be given to Restore.
func (t *Transcript) Save() (Saved, error) {
	raw, err := json.Marshal(saved{Version: version, Prefix: t.conf.Prefix, Serial: t.serial,
		Stream: t.stream, Calls: t.calls, Background: t.background, List: t.list, Compaction: t.compaction, Warned: t.warned,
		Dirty: t.dirty, Taken: t.taken, Due: t.due, Flushed: t.flushed, Before: t.before, Latched: t.latched, Held: t.held, Style: t.style,
		Answers: t.answers, Era: t.era, Verdicts: t.verdicts})
	if err != nil {
		return nil, fmt.Errorf("saving the transcript: %w", err)
	}
	return raw, nil
}

// Restore makes the transcript the one that was saved. It goes on as that one would
// have; what was taken from that one and not judged is due again after Resume. On an
// error the transcript is as it was.
func (t *Transcript) Restore(from Saved) error {
	v := saved{Stream: newStream(), Verdicts: newVerdicts()}
	if err := json.Unmarshal(from, &v); err != nil {
		return fmt.Errorf("restoring the transcript: %w", err)
	}
	if v.Version != version {
		return fmt.Errorf("restoring the transcript: version %d: %w", v.Version, ErrNewer)
	}
	conf := t.conf
	conf.Prefix = v.Prefix
	next := New(conf)
	next.serial, next.stream, next.list, next.compaction, next.warned = v.Serial, v.Stream, v.List, v.Compaction, v.Warned
	next.dirty, next.taken, next.due, next.flushed = v.Dirty, v.Taken, v.Due, v.Flushed
	next.before, next.style, next.answers, next.era, next.verdicts = v.Before, v.Style, v.Answers, v.Era, v.Verdicts
	if v.Calls != nil {
		next.calls = v.Calls
	}
	if v.Background != nil {
		next.background = v.Background
	}
	if v.Latched != nil {
		next.latched = v.Latched
	}
	if v.Held != nil {
		next.held = v.Held
	}
	*t = *next
	return nil
}
