package desk

import (
	"encoding/json"
	"slices"
	"time"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// Kind is what a prompt asks about: the target of reactions on its card.
type Kind string

// The kinds of prompts.
const (
	Tool     Kind = "tool"     // a call that Claude wants to make
	Question Kind = "question" // what Claude wants to know
	Plan     Kind = "plan"     // what Claude means to do
	Message  Kind = "message"  // a post of somebody who has no part in the session
	Start    Kind = "start"    // a session that somebody wants to open
	Command  Kind = "command"  // a command that somebody gave
	Share    Kind = "share"    // a block that is held back
	Context  Kind = "context"  // how much of the thread goes along
	Worktree Kind = "worktree" // where Claude works
)

// Prompt is something that waits for people: a card with its post. One answer
// ends it, and only once. It is plain data; callers outside the desk get it as a
// copy or leave it unchanged.
type Prompt struct {
	ID       string          `json:"id"` // what !approve and !deny call it: "c3"
	Kind     Kind            `json:"kind"`
	Key      string          `json:"key,omitempty"`  // of its post; "" while it has none
	Post     pipeline.PostID `json:"post,omitempty"` // "" until the post is there
	Pending  bool            `json:"pending,omitempty"`
	TTL      time.Duration   `json:"ttl,omitempty"`
	Deadline time.Time       `json:"deadline,omitzero"` // zero: there is none
	Tick     time.Time       `json:"tick,omitzero"`     // when the card says anew how long is left
	Asks     []pipeline.Vote `json:"asks,omitempty"`
	Votes    []Ballot        `json:"votes,omitempty"` // of who approved so far, in order

	Call    *Call           `json:"call,omitempty"`    // tool, question, plan
	Scripts []facts.Script  `json:"scripts,omitempty"` // tool: files that it would run, as they were shown
	Edit    *Edit           `json:"edit,omitempty"`    // tool, plan: what a person put in its place
	Answers *Answers        `json:"answers,omitempty"` // question
	Event   *pipeline.Event `json:"event,omitempty"`   // message, start, command: as it came; this is what is judged again
	Text    string          `json:"text,omitempty"`    // message, start: as hooks have left it; this is what people let in
	Held    *Held           `json:"held,omitempty"`    // share
	Choice  *Choice         `json:"choice,omitempty"`  // context, worktree: how to go on; nil where something is voted on

	Attached bool            `json:"attached,omitempty"` // its post has the whole of what it asks about as a file
	Tampered int             `json:"tampered,omitempty"` // how often others have edited its card
	Queued   bool            `json:"queued,omitempty"`   // question: another one is open; it has no card yet
	Ender    pipeline.UserID `json:"ender,omitempty"`    // who ended it with a no or an answer
}

// Call is a tool call that Claude waits for, as it asked at PermissionRequest
// and as it was judged.
type Call struct {
	Request string          `json:"request"` // the id of Claude's request
	Arrival uint64          `json:"arrival"` // names it among the session's calls
	ID      pipeline.ToolID `json:"id"`
	Tool    string          `json:"tool"`
	Cwd     string          `json:"cwd,omitempty"`
	Agent   string          `json:"agent,omitempty"`  // id of the subagent that calls
	Reason  string          `json:"reason,omitempty"` // why Claude Code itself asks
	Input   json.RawMessage `json:"input"`            // as it was sent, or as a person changed it
	Judged  Judged          `json:"judged"`
}

// Judged is what a run found.
type Judged struct {
	Event   *pipeline.Event  `json:"event"`
	Verdict pipeline.Verdict `json:"verdict"`
	Top     []pipeline.Vote  `json:"top,omitempty"`     // the votes that reached it
	Rewrote bool             `json:"rewrote,omitempty"` // a hook replaced the input; the event has the new one
}

// JudgedBy keeps what a run found.
func JudgedBy(r *pipeline.Run) Judged {
	verdict, top := r.Verdict()
	return Judged{Event: r.Event, Verdict: verdict, Top: top, Rewrote: r.Rewrote}
}

// Fields are the input, decoded; numbers are float64.
func (c *Call) Fields() map[string]any {
	fields := map[string]any{}
	_ = json.Unmarshal(c.Input, &fields) // it was decoded before, or encoded here
	return fields
}

// Edit is what a person put in the place of what Claude sent.
type Edit struct {
	By   pipeline.User `json:"by"`
	Diff string        `json:"diff"` // as the thread sees it
}

// Held is a block that people are asked whether to share. Block names it to the
// transcript; What and Tool are as in a show event.
type Held struct {
	Block  string          `json:"block"`
	What   string          `json:"what"`
	Tool   string          `json:"tool,omitempty"`
	Askers []pipeline.User `json:"askers,omitempty"` // whose turn it is
}

// HoldsClaude reports a prompt that Claude waits for.
func (p *Prompt) HoldsClaude() bool {
	return p.Kind == Tool || p.Kind == Question || p.Kind == Plan
}

// Input is what would run, which a hook or a person may have put in the place of
// what Claude sent.
func (p *Prompt) Input() map[string]any { return p.Call.Judged.Event.Tool.Input }

// Requesters are the people who asked for it. Whoever wrote what runs has asked
// for it too.
func (p *Prompt) Requesters() []pipeline.User {
	switch {
	case p.HoldsClaude():
		asked := p.Call.Judged.Event.Tool.Requesters
		if p.Edit != nil && len(asked) > 0 {
			asked = append(slices.Clone(asked), p.Edit.By)
		}
		return asked
	case p.Event != nil:
		return []pipeline.User{p.Event.User}
	case p.Held != nil:
		return p.Held.Askers
	}
	return nil
}

// Counted are those of some asks that say who answers this prompt. A plan or a
// question goes to people anyway: of those only rules and hooks say to whom.
func (p *Prompt) Counted(asks []pipeline.Vote) []pipeline.Vote {
	if p.Kind != Plan && p.Kind != Question {
		return asks
	}
	return slices.DeleteFunc(slices.Clone(asks), func(v pipeline.Vote) bool {
		return v.Verdict != pipeline.Ask || v.Source == pipeline.SourceDefault || v.Source == pipeline.SourceFloor
	})
}

// Grantable reports asks whose only cause is the default: nothing else can be
// lifted by a grant.
func Grantable(asks []pipeline.Vote) bool {
	return len(asks) == 1 && asks[0].Source == pipeline.SourceDefault
}
