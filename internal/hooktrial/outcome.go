package hooktrial

import (
	"context"
	"encoding/json"
	"io"

	"ctpipe/hooks"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

// Outcome is what a hook said about one event, for its author.
type Outcome struct {
	Script string        `json:"script"`
	Kind   pipeline.Kind `json:"kind"`
	Listed bool          `json:"listed"` // in rules.toml

	Verdict string            `json:"verdict"`
	Why     string            `json:"why"`
	Error   string            `json:"error"`
	TookUS  int64             `json:"took"` // microseconds
	Effects []hooks.Effect    `json:"effects"`
	Terms   *pipeline.Terms   `json:"terms,omitempty"` // of an ask
	Text    *string           `json:"text,omitempty"`
	Input   map[string]any    `json:"input,omitempty"`
	Style   *hooks.Style      `json:"style,omitempty"`
	Set     map[string]string `json:"set,omitempty"`
	Logs    []string          `json:"logs,omitempty"`
	Reads   []hooks.Read      `json:"reads,omitempty"`
	Writes  []hooks.Write     `json:"writes,omitempty"`

	judged bool
}

// Run judges an event by one script, which must have hooks.
func Run(ctx context.Context, name string, s policy.Script, ev *Event) Outcome {
	o := Outcome{Script: name, Kind: ev.Kind, Listed: s.Listed, Verdict: "abstain"}
	var results []hooks.Result // of this one script
	if ev.recorded {
		results = s.Hooks.Replay(ctx, &ev.Event, ev.reads)
	} else {
		results = s.Hooks.Run(ctx, &ev.Event)
	}
	for _, r := range results {
		o.take(r)
	}
	return o
}

func (o *Outcome) take(r hooks.Result) {
	o.judged = true
	o.TookUS, o.Effects = r.Took.Microseconds(), r.Effects
	o.Text, o.Input, o.Style, o.Set = r.Text, r.Input, r.Style, r.Set
	o.Logs, o.Reads, o.Writes = r.Logs, r.Reads, r.Writes
	if r.Vote != nil {
		o.Verdict, o.Why = r.Vote.Verdict.String(), r.Vote.Why
		if r.Vote.Verdict == pipeline.Ask && r.Err == nil {
			o.Terms = &r.Vote.Terms
		}
	}
	if r.Err != nil {
		o.Error = r.Err.Error()
	}
}

// WriteJSON writes the outcome as JSON; trace adds what the hook logged, read and
// would remember.
func (o Outcome) WriteJSON(w io.Writer, trace bool) error {
	if o.Effects == nil {
		o.Effects = []hooks.Effect{}
	}
	if !trace {
		o.Logs, o.Reads, o.Writes = nil, nil, nil
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(o)
}
