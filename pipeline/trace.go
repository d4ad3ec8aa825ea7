package pipeline

import "time"

// Trace says what happened in a run, stage by stage. It costs no more than
// the times and the votes; values of sub-expressions are made on demand, by
// judging the recorded event again.
type Trace struct {
	Steps []Step        `json:"steps"`
	Took  time.Duration `json:"took"` // nanoseconds
	Stack string        `json:"-"`    // of the last panic
	// Reads are what hooks took from their memory, by hook. Judged again with
	// them, the event gets the same answers.
	Reads map[string][]Read `json:"reads,omitempty"`
}

// Read is one value that a hook took from its memory.
type Read struct {
	Key   string `json:"key"`
	Value any    `json:"value,omitempty"` // bool, float64, string, []any or map[string]any
	Found bool   `json:"found,omitempty"`
}

// Step is one stage's part in a run.
type Step struct {
	Stage string        `json:"stage"`
	Role  Role          `json:"-"`
	Took  time.Duration `json:"took"`
	Err   string        `json:"err,omitempty"`
	Votes []Vote        `json:"votes,omitempty"`
	Ran   []Ran         `json:"ran,omitempty"`
}

// Ran is a part of a step that has a name of its own, a hook, and how long it
// took; it may have voted or not.
type Ran struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took"` // nanoseconds
}
