package transcript

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/display"
)

// backgroundMost bounds the commands in the background that are remembered.
const backgroundMost = 256

// inBackground remembers a command that goes on after its result, until it is said
// how it ended.
func (t heard) inBackground(m *claude.User) {
	r, err := m.BashResult()
	if err == nil && r.BackgroundTaskID != "" && len(t.background) < backgroundMost {
		t.background[r.BackgroundTaskID] = true
	}
}

// progressed brings a subagent's numbers to its card.
func (t heard) progressed(m *claude.TaskProgress) []Update {
	c := t.calls[m.ToolUseID]
	if c == nil || c.Agent == nil {
		return nil
	}
	c.Agent.Progress(m.Usage)
	return c.update(m.ToolUseID, false)
}

// notified ends what ran beside the turn: a subagent's card, or a command with a
// line of its own, since its call's is long past. Of a task within the turn the
// call's result says more.
func (t heard) notified(m *claude.TaskNotification, at display.Options) []Update {
	n := *m
	n.Summary = t.cleaner().clean(n.Summary)
	switch c := t.calls[n.ToolUseID]; {
	case c != nil && c.Agent != nil && c.Agent.Background:
		c.Agent.Notified(&n)
		delete(t.calls, n.ToolUseID)
		return c.update(n.ToolUseID, true)
	case t.background[n.TaskID.TaskID]:
		at.Verbosity = display.Fold
		delete(t.background, n.TaskID.TaskID)
		return []Update{{Block: "task/" + n.TaskID.TaskID, What: "tool", Tool: "Bash", Final: true,
			Text: display.BackgroundEnded(&n, at)}}
	}
	return nil
}
