package display

import (
	"strings"
	"time"

	"ctpipe/internal/claude"
)

// AgentState is how far a subagent is.
type AgentState string

// A subagent is running until one of the others is known.
const (
	AgentRunning   AgentState = "running"
	AgentCompleted AgentState = "completed"
	AgentFailed    AgentState = "failed"
	AgentStopped   AgentState = "stopped" // by a person, an interruption or the end of the CLI
)

// agentCalls is how many of its calls a subagent's card shows, newest last.
const agentCalls = 8

// Agent is the card of a subagent: what it is to do, what it does, how it
// ended. It is not safe for concurrent use.
type Agent struct {
	Type, Description string
	Background        bool
	State             AgentState
	Earlier           int      // calls no longer in Calls
	Calls             []string // its own calls, each one line of markdown
	Tools, Tokens     int
	Took              time.Duration
	Report            string // what it handed back
}

// NewAgent makes the card of an Agent (or Task) call.
func NewAgent(input map[string]any) *Agent {
	a := args(input)
	return &Agent{Type: a.str("subagent_type"), Description: a.str("description", "prompt"), State: AgentRunning}
}

// Called adds a call that the subagent made.
func (g *Agent) Called(name string, input map[string]any, o Options) {
	o.Verbosity = Line
	line := viewOf(name, input, o).text(o)
	if len(g.Calls) == agentCalls {
		g.Calls, g.Earlier = append(g.Calls[:0:0], g.Calls[1:]...), g.Earlier+1
	}
	g.Calls = append(g.Calls, line)
}

// Progress takes what a task_progress line says. Usage counts from the start.
func (g *Agent) Progress(u claude.TaskUsage) {
	g.Tools, g.Tokens = max(g.Tools, u.ToolUses), max(g.Tokens, u.TotalTokens)
	g.Took = max(g.Took, time.Duration(u.DurationMS)*time.Millisecond)
}

// agentResult is the tool_use_result of Agent.
type agentResult struct {
	Status  string `json:"status"`
	Type    string `json:"agentType"`
	Content []struct {
		Text string `json:"text"`
	} `json:"content"`
	MS     int `json:"totalDurationMs"`
	Tokens int `json:"totalTokens"`
	Tools  int `json:"totalToolUseCount"`
}

// Ended takes the result of the call. One that was only launched goes on in the
// background until Notified.
func (g *Agent) Ended(out Outcome) {
	var r agentResult
	known := out.decode(&r)
	g.Type = orElse(g.Type, r.Type)
	switch {
	case out.Refused:
		g.State, g.Report = AgentStopped, out.said()
	case out.Failed:
		g.State, g.Report = AgentFailed, out.said()
	case strings.HasSuffix(r.Status, "_launched"):
		g.Background = true
	default:
		g.State = AgentCompleted
		g.Took = max(g.Took, out.Took)
		g.Progress(claude.TaskUsage{ToolUses: r.Tools, TotalTokens: r.Tokens, DurationMS: r.MS})
		var report []string
		for _, c := range r.Content {
			if text := strings.TrimSpace(c.Text); text != "" && !strings.HasPrefix(text, "<tools-used-before-summary>") {
				report = append(report, text)
			}
		}
		if g.Report = strings.Join(report, "\n\n"); !known {
			g.Report = out.Text
		}
	}
}

// Notified takes the end of a task that ran in the background.
func (g *Agent) Notified(n *claude.TaskNotification) {
	g.Progress(n.Usage)
	switch n.Status {
	case "completed":
		g.State = AgentCompleted
	case "failed":
		g.State = AgentFailed
	default:
		g.State = AgentStopped
	}
	if n.SummaryIsReport || n.Status == "failed" {
		g.Report = n.Summary
	}
}

// Stop ends a card whose subagent will not be heard of again: nothing stays
// "running" after an interruption or a crash. It reports whether the card
// changed.
func (g *Agent) Stop() bool {
	if g.State != AgentRunning {
		return false
	}
	g.State = AgentStopped
	return true
}

var agentStates = map[AgentState]string{
	AgentCompleted: "✅ *completed*", AgentFailed: "❌ *failed*", AgentStopped: "⏹️ *stopped*",
}

// Markdown shows the card.
func (g *Agent) Markdown(o Options) string { return g.view().text(o) }

func (g *Agent) view() view {
	head := "🤖 **Subagent**"
	if g.Type != "" {
		head += " *(" + plain(g.Type, nameRunes) + ")*"
	}
	v := view{quote: quoted(g.Description, plainRunes)}
	v.short = strings.TrimRight(head+" "+v.quote, " ")
	if state := agentStates[g.State]; state != "" {
		head += " " + state
		v.short += " · " + state
	}
	v.head = head
	if g.Earlier > 0 {
		v.subs = append(v.subs, "*… "+Counted(g.Earlier, "earlier call")+"*")
	}
	v.subs = append(v.subs, g.Calls...)
	switch g.State {
	case AgentRunning:
		v.last = "⏳ Running..."
		if g.Background {
			v.last = "⏳ Running in the background..."
		}
	default:
		if g.Took >= time.Second {
			v.note(spoken(g.Took))
		}
	}
	if g.Tools > 0 {
		v.note(Counted(g.Tools, "tool call"))
	}
	if g.Tokens > 0 {
		v.note(tokens(g.Tokens) + " tokens")
	}
	v.after = []body{{text: normal(g.Report), lines: outputLines, full: g.State != AgentFailed, file: "report.md"}}
	return v
}

func agentView(a args, _ Options) view { return NewAgent(a).view() }

func agentEnded(v *view, a args, out Outcome, _ Options) {
	g := NewAgent(a)
	g.Ended(out)
	*v = g.view()
}
