// Package process has where Claude's process and its conversation stand, and how
// long nothing has happened in its session. Both are parts of a session: plain
// data, without clock, agent or lock.
package process

import (
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// The states of a session. All but running and waiting are also phases; a
// session in phase idle has a Claude.
const (
	Starting = "starting" // Claude's process is being started
	Idle     = "idle"     // Claude waits for a message
	Running  = "running"  // a turn runs
	Waiting  = "waiting"  // a card waits for people
	Paused   = "paused"   // no process; the next message resumes it
	Ended    = "ended"    // for good
)

// failsMost is how often a Claude may start and end without an answer before
// its session is given up.
const failsMost = 3

// Process is where Claude's process and its conversation stand. It is plain
// data; the process itself is the session's agent.
type Process struct {
	Phase      string `json:"phase"`                // starting, idle, paused, ended
	Generation int    `json:"generation,omitempty"` // of agents; what an older one says is not heard
	Answered   bool   `json:"answered,omitempty"`   // this generation has ended a turn
	Fails      int    `json:"fails,omitempty"`      // generations in a row that never did
	Forgotten  bool   `json:"forgotten,omitempty"`  // Claude says that it has no such conversation
	FileHooks  bool   `json:"file_hooks,omitempty"` // the running Claude has hooks of settings files

	Conversation string  `json:"conversation"`    // Claude's session id, for --resume
	Fresh        bool    `json:"fresh,omitempty"` // it has not begun, though there have been turns
	Turns        int     `json:"turns,omitempty"`
	Cost         float64 `json:"cost,omitempty"`        // US dollars
	CostBefore   float64 `json:"cost_before,omitempty"` // of the conversations before /clear
	Model        string  `json:"model,omitempty"`       // that runs, as Claude says
	AskModel     bool    `json:"ask_model,omitempty"`   // the turn may change it
	Used         int     `json:"used,omitempty"`        // tokens that the conversation takes up
	Size         int     `json:"size,omitempty"`        // tokens that the model has room for; 0: not known

	Turning    bool      `json:"turning,omitempty"` // a turn runs
	Tasks      int       `json:"tasks,omitempty"`   // background tasks that still run
	TasksEnded time.Time `json:"tasks_ended,omitzero"`
}

// State is what the session is doing; asks says that Claude waits for people.
func (p *Process) State(asks bool) string {
	switch {
	case p.Phase != Idle:
		return p.Phase
	case asks:
		return Waiting
	case p.Turning:
		return Running
	}
	return Idle
}

// Current reports that an agent of this generation is to be heard.
func (p *Process) Current(generation int) bool {
	return p.Generation == generation && p.Phase != Ended
}

// Spawning begins a new generation.
func (p *Process) Spawning(fileHooks bool) (generation int) {
	p.Generation++
	p.Answered, p.Forgotten, p.FileHooks = false, false, fileHooks
	return p.Generation
}

// Awaits reports that the start of a generation is still waited for.
func (p *Process) Awaits(generation int) bool {
	return p.Generation == generation && p.Phase == Starting
}

// Gone forgets what belongs to a Claude that is gone.
func (p *Process) Gone() {
	p.Turning, p.Tasks = false, 0
	p.Generation++
}

// Resumable reports that Claude has a conversation to take up. One that never
// answered has none, and asking for it would fail: then it begins another one,
// with the id next.
func (p *Process) Resumable(next string) bool {
	if p.Turns == 0 || p.Fresh {
		p.Conversation = next
		return false
	}
	return true
}

// Anew begins a conversation that Claude knows nothing of yet.
func (p *Process) Anew(conversation string) {
	p.Conversation, p.Fresh, p.Used = conversation, true, 0
}

// Began takes what Claude says at the start of a turn.
func (p *Process) Began(m *claude.Init) {
	p.Model = m.Model
	if m.SessionID != "" && m.SessionID != p.Conversation {
		p.Conversation, p.CostBefore = m.SessionID, p.Cost // /clear begins another conversation, whose cost begins at 0
	}
	p.Turning = true
}

// Filled notes how full the conversation is. What a reply says of its tokens is
// for the whole conversation so far.
func (p *Process) Filled(m *claude.Assistant) {
	u := m.Message.Usage
	n := u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens
	if m.ParentToolUseID == "" && m.Message.Model != claude.SyntheticModel && n > 0 {
		p.Used = n
	}
}

// Background notes how many tasks run beside the turn.
func (p *Process) Background(tasks int, now time.Time) {
	if p.Tasks > 0 && tasks == 0 {
		p.TasksEnded = now
	}
	p.Tasks = tasks
}

// TurnEnded takes what Claude says at the end of a turn. It reports whether
// Claude is to be asked which model runs now.
func (p *Process) TurnEnded(m *claude.Result) (askModel bool) {
	p.Turning = false
	if p.Forgotten = LostConversation(m); !p.Forgotten {
		p.Turns++
		p.Answered, p.Fails, p.Fresh = true, 0, false
	}
	if m.TotalCostUSD > 0 {
		p.Cost = p.CostBefore + m.TotalCostUSD
	}
	if use, ok := m.ModelUsage[p.Model]; ok {
		p.Size = use.ContextWindow
	}
	askModel, p.AskModel = p.AskModel, false
	return askModel
}

// Runs notes the model that runs; false if that is nothing new.
func (p *Process) Runs(model string) (changed bool) {
	if model == "" || model == p.Model {
		return false
	}
	p.Model, p.Size = model, 0 // the next turn tells its size
	return true
}

// Ending is what the end of a process means for its session.
type Ending uint8

const (
	ExitPaused    Ending = iota // the next message starts another one
	ExitAgain                   // messages wait: it is started again at once
	ExitNever                   // it never answered: the session is over
	ExitForgotten               // it does not know the conversation any more: over
	ExitFails                   // it ended too often without an answer: over
)

// Exited takes the end of a process that nobody here asked for; queued says
// that messages wait for Claude.
func (p *Process) Exited(queued bool) Ending {
	if !p.Answered {
		p.Fails++
	}
	how := ExitPaused
	switch {
	case queued && p.Turns > 0 && !p.Forgotten && p.Fails < failsMost:
		how = ExitAgain
	case p.Turns == 0:
		how = ExitNever
	case p.Forgotten:
		how = ExitForgotten
	case p.Fails >= failsMost:
		how = ExitFails
	}
	p.Phase = map[Ending]string{ExitPaused: Paused, ExitAgain: Starting}[how]
	if p.Phase == "" {
		p.Phase = Ended
	}
	return how
}

// Failed takes that a process could not be started. A session that has been
// running can try again, unless its directory is gone.
func (p *Process) Failed(noDir bool) (over bool) {
	if p.Phase = Paused; p.Turns == 0 || noDir {
		p.Phase = Ended
	}
	return p.Phase == Ended
}

// Quiet reports that nothing runs and nothing is on its way, so that what comes
// now begins something new.
func (p *Process) Quiet(now time.Time) bool {
	return p.Phase == Idle && !p.Turning && p.Tasks == 0 && now.Sub(p.TasksEnded) > selfTurn
}

// selfTurn is how soon after the end of a background task its turn has begun.
const selfTurn = time.Second

// LostConversation reports that the CLI does not know the conversation that it
// was to resume; it then exits.
func LostConversation(m *claude.Result) bool {
	return m.Subtype == "error_during_execution" && len(m.Errors) > 0 && strings.HasPrefix(m.Errors[0], "No conversation found")
}

// ChangesModel reports Claude's own command for another model.
func ChangesModel(p pipeline.Prompt) bool {
	return p.Slash && strings.HasPrefix(p.Text, "/model ")
}
