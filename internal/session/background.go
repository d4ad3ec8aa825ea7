package session

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/pipeline"
)

// backgroundMost bounds the commands in the background that are remembered.
const backgroundMost = 256

// inBackground remembers a command that goes on after its result, until it is
// said how it ended; the lock is held.
func (s *Session) inBackground(m *claude.User) {
	r, err := m.BashResult()
	if err == nil && r.BackgroundTaskID != "" && len(s.background) < backgroundMost {
		s.background[r.BackgroundTaskID] = true
	}
}

// progressed brings a subagent's numbers to its card.
func (s *Session) progressed(m *claude.TaskProgress) {
	s.mu.Lock()
	var pieces []piece
	if line := s.calls[pipeline.ToolID(m.ToolUseID)]; line != nil && line.agent != nil {
		line.agent.Progress(m.Usage)
		pieces = line.piece(m.ToolUseID, false)
	}
	s.mu.Unlock()
	s.show(pieces...)
}

// notified ends what ran beside the turn: a subagent's card, or a command with
// a line of its own, since its call's is long past. Of a task within the turn
// the call's result says more.
func (s *Session) notified(m *claude.TaskNotification) {
	n := *m
	n.Summary = s.host.clean(n.Summary)
	s.mu.Lock()
	var pieces []piece
	id := pipeline.ToolID(n.ToolUseID)
	switch line := s.calls[id]; {
	case line != nil && line.agent != nil && line.agent.Background:
		line.agent.Notified(&n)
		delete(s.calls, id)
		pieces = line.piece(n.ToolUseID, true)
	case s.background[n.TaskID.TaskID]:
		folded := s.paths()
		folded.Verbosity = display.Fold
		delete(s.background, n.TaskID.TaskID)
		pieces = []piece{{block: "task/" + n.TaskID.TaskID, what: "tool", tool: "Bash", final: true,
			text: display.BackgroundEnded(&n, folded)}}
	}
	s.mu.Unlock()
	s.show(pieces...)
}
