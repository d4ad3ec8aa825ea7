package pipeline

import "time"

// Source says what kind of thing voted. It matters where a vote may be lifted:
// a grant or a mode lifts only what SourceDefault cast.
type Source string

// The sources of votes.
const (
	SourceFloor   Source = "floor"   // built in, not configurable
	SourceRule    Source = "rule"    // a [[rule]]
	SourceHook    Source = "hook"    // a Lua hook
	SourceStage   Source = "stage"   // a stage that could not judge
	SourceDefault Source = "default" // nothing voted, or [default] opaque
)

// Vote is one opinion on an event.
type Vote struct {
	Verdict Verdict `json:"verdict"`
	Source  Source  `json:"source"`
	By      string  `json:"by"`            // id of the rule, name of the hook, stage or floor article
	Why     string  `json:"why,omitempty"` // for people and for Claude
	At      string  `json:"at,omitempty"`  // file:line:col
	// Err says what could not be judged; the verdict is then what [on_error]
	// or the rule's own `then` makes of it, never allow.
	Err    string `json:"err,omitempty"`
	Shadow bool   `json:"shadow,omitempty"` // recorded, left out of the maximum
	Terms  Terms  `json:"terms,omitzero"`   // of an ask
}

// Terms say who can answer an ask. Every asking vote keeps its own: one person
// may satisfy several, but each must be satisfied.
type Terms struct {
	Approvers []string      `json:"approvers,omitempty"` // owner, invited, allowed, or a group; empty: [approval] approvers
	Quorum    int           `json:"quorum,omitempty"`    // distinct people; 0 means 1
	Requester *bool         `json:"requester,omitempty"` // false: who asked Claude for it does not count
	TTL       time.Duration `json:"ttl,omitempty"`       // nanoseconds; 0: [approval] ttl
	// Other asks for at least one approver who is not a requester: what a deny
	// rule that could not judge becomes.
	Other bool `json:"other,omitempty"`
}

// Max is the verdict of a set of votes, shadow votes left out.
func Max(votes []Vote) Verdict {
	top := Abstain
	for i := range votes {
		if v := &votes[i]; !v.Shadow && v.Verdict > top {
			top = v.Verdict
		}
	}
	return top
}

// Top returns the votes that reached the maximum, in the order they were cast.
// Where all did it is votes itself, so the caller changes nothing in it.
func Top(votes []Vote) (Verdict, []Vote) {
	top := Max(votes)
	if top == Abstain {
		return Abstain, nil
	}
	reached := func(v *Vote) bool { return !v.Shadow && v.Verdict == top }
	n := 0
	for i := range votes {
		if reached(&votes[i]) {
			n++
		}
	}
	if n == len(votes) {
		return top, votes[:n:n]
	}
	at := make([]Vote, 0, n)
	for i := range votes {
		if reached(&votes[i]) {
			at = append(at, votes[i])
		}
	}
	return top, at
}
