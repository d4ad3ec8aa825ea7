package hooks

import (
	"errors"
	"fmt"
	"time"

	"ctpipe/pipeline"
)

// Why a hook gave no answer of its own.
var (
	// ErrTimeout: the call did not end by its deadline.
	ErrTimeout = errors.New("no answer in time")
	// ErrOpen: it timed out three times in ten minutes and is off until its
	// next save.
	ErrOpen = errors.New("off after repeated time-outs, until its next save")
)

// Result is what one hook said about one event. A failed call has an Err, the
// vote that [on_error] makes of it, and nothing else.
type Result struct {
	Hook    string // name of the hook: its file without folder and .lua
	At      string // where rules.toml lists it
	Vote    *pipeline.Vote
	Text    *string           // show, post: replaces the text; not yet redacted
	Input   map[string]any    // tool: replaces the input; not yet judged
	Style   *Style            // show
	Set     map[string]string // start: dir, model, mode
	Effects []Effect
	Logs    []string // lines of ct.log, from the script: untrusted text
	Reads   []Read   // for the journal; Replay takes them
	Writes  []Write  // not in force before Commit
	Took    time.Duration
	Err     error
	Opened  bool // this time-out opened the hook's circuit
	Custom  bool // it ran a custom command: nothing of it stays unless that is allowed

	commit func([]Write) error
}

// Commit puts the hook's store writes in force. Call it once, when the run
// stands; results of a replay commit nothing.
func (r Result) Commit() error {
	if r.commit == nil || len(r.Writes) == 0 {
		return nil
	}
	if err := r.commit(r.Writes); err != nil {
		return fmt.Errorf("committing the store of hook %s: %w", r.Hook, err)
	}
	return nil
}

// fail makes r the result of a call that could not judge.
func (h *hook) fail(r Result, kind pipeline.Kind, err error) Result {
	r = Result{Hook: r.Hook, At: r.At, Took: r.Took, Opened: r.Opened, Logs: r.Logs, Reads: r.Reads, Err: err}
	if kind.Judged() {
		r.Vote = &pipeline.Vote{
			Verdict: h.onError(kind), Source: pipeline.SourceHook, By: h.name, At: h.source.At,
			Why: "hook " + h.name + " could not judge", Err: err.Error(),
		}
	}
	return r
}

func (h *hook) onError(kind pipeline.Kind) pipeline.Verdict {
	if v := h.source.OnError[kind]; v == pipeline.Ask || v == pipeline.Deny {
		return v
	}
	return pipeline.Deny
}

// accept makes a result of what a call ended with.
func (h *hook) accept(r Result, out outcome) Result {
	a := out.answer
	r.Effects, r.Writes = out.effects, out.writes
	if a == nil {
		return r
	}
	r.Text, r.Input, r.Set, r.Style = a.text, a.input, a.set, a.style
	if a.vote {
		r.Vote = &pipeline.Vote{
			Verdict: a.verd, Source: pipeline.SourceHook, By: h.name, Why: a.why, At: h.source.At, Terms: a.terms,
		}
	}
	return r
}
