package transcript

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// call is one tool call as the thread has it.
type call struct {
	Tool   string           `json:"tool,omitempty"` // "" until Claude's message with the call is there
	Input  map[string]any   `json:"input,omitempty"`
	Began  time.Time        `json:"began,omitzero"`
	Denied string           `json:"denied,omitempty"` // who refused it, and why
	Out    *display.Outcome `json:"out,omitempty"`    // nil while it runs
	Lost   bool             `json:"lost,omitempty"`   // it never got a result
	At     display.Options  `json:"at,omitzero"`      // how its paths are shown
	Agent  *display.Agent   `json:"agent,omitempty"`  // the card of a subagent, instead of a line
	Sub    bool             `json:"sub,omitempty"`    // a subagent made it
	Listed bool             `json:"listed,omitempty"` // in that subagent's card
}

// called makes the line of a tool call; parent is the call whose subagent made it,
// "" on the main thread.
func (t heard) called(use claude.ToolUseBlock, parent string, at display.Options, now time.Time) []Update {
	c := t.calls[use.ID]
	if c == nil {
		c = &call{}
		t.calls[use.ID] = c
	}
	var input map[string]any              // its updates share it, so that it is never changed
	_ = json.Unmarshal(use.Input, &input) // a broken input shows as a line without details
	t.cleaner().cleanValue(input)
	c.Input = input
	c.Tool, c.Began, c.Sub, c.At = use.Name, now, parent != "", at
	if use.Name == "Agent" || use.Name == "Task" {
		c.Agent = display.NewAgent(c.Input)
		if c.Denied != "" {
			c.Agent.Stop()
		}
	}
	if !c.Sub {
		t.list.Called(use.ID, use.Name, c.Input)
	}
	updates := c.update(use.ID, false)
	if over := t.calls[parent]; c.Sub && over != nil && over.Agent != nil {
		c.Listed = true
		over.Agent.Called(c.Tool, c.Input, c.At)
		updates = append(over.update(parent, false), c.update(use.ID, false)...)
	}
	return updates
}

// update is the call's block as it is now.
func (c *call) update(id string, final bool) []Update {
	if c.Listed && c.Denied == "" || c.text(display.Line) == "" {
		return nil
	}
	now := *c
	if c.Agent != nil {
		agent := *c.Agent
		agent.Calls = slices.Clone(agent.Calls)
		now.Agent = &agent
	}
	return []Update{{Block: "tool/" + id, What: "tool", Tool: c.Tool, Call: &now, Final: final}}
}

// shownAs is how the call looks in a thread.
func (c *call) shownAs(v display.Verbosity) display.Options {
	o := c.At
	o.Verbosity = v
	return o
}

// headLine names the call in one line.
func (c *call) headLine() string { return display.CallHead(c.Tool, c.Input, c.At) }

// text is the call and what became of it, "" for a tool without a line.
func (c *call) text(v display.Verbosity) string {
	text := c.body(c.shownAs(v))
	if text == "" {
		return ""
	}
	if c.Sub {
		text = "  ↳ 🤖 " + text
	}
	return text + "\n" // whole at any time: its end is not in the making
}

func (c *call) body(o display.Options) string {
	switch {
	case c.Tool == "":
		return ""
	case c.Denied != "" && c.Agent == nil:
		head := display.Call(c.Tool, c.Input, o)
		if head == "" {
			head = c.headLine()
		}
		return head + "\n  ↳ 🚫 " + c.Denied
	case c.Agent != nil:
		text := c.Agent.Markdown(o)
		if c.Denied != "" {
			text += "\n  ↳ 🚫 " + c.Denied
		}
		return text
	case c.Out != nil:
		return display.Result(c.Tool, c.Input, *c.Out, o)
	}
	text := display.Call(c.Tool, c.Input, o)
	if c.Lost && text != "" {
		text += "\n  ↳ ⏹️ *not finished*"
	}
	return text
}

// what is what a rule calls the line: a tool's call, its result, or a diff.
func (c *call) what() string {
	switch {
	case c.Denied != "":
		return "tool"
	case c.Agent != nil && c.Agent.State == display.AgentRunning:
		return "tool"
	case c.Agent != nil:
		return "result"
	}
	return display.Kind(c.Tool, c.Input, c.Out)
}

// files are what the line leaves out where its long parts come as files: once it
// changes no more.
func (c *call) files(final bool) []pipeline.TextFile {
	if !final || c.Out == nil || c.Denied != "" || c.Agent != nil {
		return nil
	}
	var files []pipeline.TextFile
	for _, f := range display.Attachments(c.Tool, c.Input, *c.Out, c.shownAs(display.File)) {
		files = append(files, pipeline.TextFile{Name: f.Name, Text: string(f.Data)})
	}
	return files
}

// TimeFromNow begins a call's time when people have answered: it has waited until
// then.
func (t *Transcript) TimeFromNow(tool pipeline.ToolID, now time.Time) {
	if c := t.calls[string(tool)]; c != nil {
		c.Began = now
	}
}

// closeCalls ends the lines of all calls.
func (t heard) closeCalls() []Update {
	var updates []Update
	for id, c := range t.calls {
		c.Lost = c.Out == nil
		if c.Agent != nil {
			c.Agent.Stop()
		}
		updates = append(updates, c.update(id, true)...)
	}
	clear(t.calls)
	slices.SortFunc(updates, func(a, b Update) int { return strings.Compare(a.Block, b.Block) })
	return updates
}

// Refused notes at a call's line that it was denied, by whom and why.
func (t *Transcript) Refused(tool pipeline.ToolID, by, why string, now time.Time) {
	c := t.calls[string(tool)]
	if c == nil {
		c = &call{}
		t.calls[string(tool)] = c
	}
	if c.Denied = "**Denied** by " + by; why != "" {
		c.Denied += ": " + markdown.Plain(why)
	}
	if c.Agent != nil {
		c.Agent.Stop()
	}
	t.pending().note(now, c.update(string(tool), false)...)
}

// ended puts one result to its call. The CLI repeats a denial as an error result;
// the line has said that already.
func (t heard) ended(r claude.ToolResultBlock, m *claude.User, now time.Time) []Update {
	c := t.calls[r.ToolUseID]
	if c == nil {
		return nil
	}
	out := t.cleaner().cleanOutcome(display.Ended(m, r, now.Sub(c.Began)))
	c.Out = &out
	goesOn := false
	if c.Agent != nil && c.Denied == "" {
		c.Agent.Ended(out)
		goesOn = c.Agent.State == display.AgentRunning
	}
	if c.Tool == "Bash" {
		t.inBackground(m)
	}
	if !goesOn {
		delete(t.calls, r.ToolUseID)
	}
	updates := c.update(r.ToolUseID, !goesOn)
	if !c.Sub && t.list.Ended(r.ToolUseID, out, now) {
		updates = append(updates, t.list.update(now))
	}
	return updates
}
