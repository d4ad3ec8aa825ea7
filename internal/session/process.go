package session

import (
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// The states of a session. All but running and waiting are also phases; a
// session in phase idle has a Claude.
const (
	starting = "starting" // Claude's process is being started
	idle     = "idle"     // Claude waits for a message
	running  = "running"  // a turn runs
	waiting  = "waiting"  // a card waits for people
	paused   = "paused"   // no process; the next message resumes it
	ended    = "ended"    // for good
)

// failsMost is how often a Claude may start and end without an answer before
// its session is given up.
const failsMost = 3

// process is where Claude's process and its conversation stand. It is plain
// data; the process itself is the session's agent.
type process struct {
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

// state is what the session is doing; asks says that Claude waits for people.
func (p *process) state(asks bool) string {
	switch {
	case p.Phase != idle:
		return p.Phase
	case asks:
		return waiting
	case p.Turning:
		return running
	}
	return idle
}

// current reports that an agent of this generation is to be heard.
func (p *process) current(generation int) bool {
	return p.Generation == generation && p.Phase != ended
}

// spawning begins a new generation.
func (p *process) spawning(fileHooks bool) (generation int) {
	p.Generation++
	p.Answered, p.Forgotten, p.FileHooks = false, false, fileHooks
	return p.Generation
}

// awaits reports that the start of a generation is still waited for.
func (p *process) awaits(generation int) bool {
	return p.Generation == generation && p.Phase == starting
}

// gone forgets what belongs to a Claude that is gone.
func (p *process) gone() {
	p.Turning, p.Tasks = false, 0
	p.Generation++
}

// resumable reports that Claude has a conversation to take up. One that never
// answered has none, and asking for it would fail: then it begins another one,
// with the id next.
func (p *process) resumable(next string) bool {
	if p.Turns == 0 || p.Fresh {
		p.Conversation = next
		return false
	}
	return true
}

// anew begins a conversation that Claude knows nothing of yet.
func (p *process) anew(conversation string) {
	p.Conversation, p.Fresh, p.Used = conversation, true, 0
}

// began takes what Claude says at the start of a turn.
func (p *process) began(m *claude.Init) {
	p.Model = m.Model
	if m.SessionID != "" && m.SessionID != p.Conversation {
		p.Conversation, p.CostBefore = m.SessionID, p.Cost // /clear begins another conversation, whose cost begins at 0
	}
	p.Turning = true
}

// filled notes how full the conversation is. What a reply says of its tokens is
// for the whole conversation so far.
func (p *process) filled(m *claude.Assistant) {
	u := m.Message.Usage
	n := u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens
	if m.ParentToolUseID == "" && m.Message.Model != claude.SyntheticModel && n > 0 {
		p.Used = n
	}
}

// background notes how many tasks run beside the turn.
func (p *process) background(tasks int, now time.Time) {
	if p.Tasks > 0 && tasks == 0 {
		p.TasksEnded = now
	}
	p.Tasks = tasks
}

// turnEnded takes what Claude says at the end of a turn. It reports whether
// Claude is to be asked which model runs now.
func (p *process) turnEnded(m *claude.Result) (askModel bool) {
	p.Turning = false
	if p.Forgotten = lostConversation(m); !p.Forgotten {
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

// runs notes the model that runs; false if that is nothing new.
func (p *process) runs(model string) (changed bool) {
	if model == "" || model == p.Model {
		return false
	}
	p.Model, p.Size = model, 0 // the next turn tells its size
	return true
}

// ending is what the end of a process means for its session.
type ending uint8

const (
	endPaused    ending = iota // the next message starts another one
	endAgain                   // messages wait: it is started again at once
	endNever                   // it never answered: the session is over
	endForgotten               // it does not know the conversation any more: over
	endFails                   // it ended too often without an answer: over
)

// exited takes the end of a process that nobody here asked for; queued says
// that messages wait for Claude.
func (p *process) exited(queued bool) ending {
	if !p.Answered {
		p.Fails++
	}
	how := endPaused
	switch {
	case queued && p.Turns > 0 && !p.Forgotten && p.Fails < failsMost:
		how = endAgain
	case p.Turns == 0:
		how = endNever
	case p.Forgotten:
		how = endForgotten
	case p.Fails >= failsMost:
		how = endFails
	}
	p.Phase = map[ending]string{endPaused: paused, endAgain: starting}[how]
	if p.Phase == "" {
		p.Phase = ended
	}
	return how
}

// failed takes that a process could not be started. A session that has been
// running can try again, unless its directory is gone.
func (p *process) failed(noDir bool) (over bool) {
	if p.Phase = paused; p.Turns == 0 || noDir {
		p.Phase = ended
	}
	return p.Phase == ended
}

// quiet reports that nothing runs and nothing is on its way, so that what comes
// now begins something new.
func (p *process) quiet(now time.Time) bool {
	return p.Phase == idle && !p.Turning && p.Tasks == 0 && now.Sub(p.TasksEnded) > selfTurn
}

// selfTurn is how soon after the end of a background task its turn has begun.
const selfTurn = time.Second

// lostConversation reports that the CLI does not know the conversation that it
// was to resume; it then exits.
func lostConversation(m *claude.Result) bool {
	return m.Subtype == "error_during_execution" && len(m.Errors) > 0 && strings.HasPrefix(m.Errors[0], "No conversation found")
}

// changesModel reports Claude's own command for another model.
func changesModel(p pipeline.Prompt) bool {
	return p.Slash && strings.HasPrefix(p.Text, "/model ")
}
