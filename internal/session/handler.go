package session

import (
	"fmt"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
	"ctpipe/internal/transcript"
)

// handler hears one agent. What an agent says that has been replaced is for
// nobody (RACE-04).
func (s *Session) handler(gen int) claude.Handler {
	current := func(f func()) {
		s.mu.Lock()
		ok := s.generation == gen && s.phase != ended
		s.mu.Unlock()
		if ok {
			f()
		}
	}
	return claude.Handler{
		Message:  func(m claude.Message) { current(func() { s.hear(m) }) },
		Gate:     func(c claude.GateCall) { current(func() { s.gate(c) }) },
		Ask:      func(c claude.AskCall) { current(func() { s.secondDoor(c) }) },
		Withdraw: func(id string) { current(func() { s.withdrawn(id) }) },
		Exit:     func(e claude.Exit) { current(func() { s.exited(e) }) },
	}
}

// hear takes one message of Claude's. It is called by the goroutine that reads
// the CLI and does nothing that waits.
func (s *Session) hear(m claude.Message) {
	if _, unknown := m.(*claude.Unknown); !unknown {
		s.mu.Lock()
		s.touch()
		s.mu.Unlock()
	}
	switch m := m.(type) {
	case *claude.StreamEvent, *claude.APIRetry, *claude.TaskProgress, *claude.TaskNotification, *claude.Status, *claude.RateLimit:
		s.heardWords(m)
	case *claude.Assistant:
		if !s.heardWords(m) {
			s.mu.Lock()
			s.fills(m)
			s.mu.Unlock()
		}
	case *claude.User:
		s.heardResults(m)
	case *claude.Init:
		s.heardInit(m)
	case *claude.Result:
		s.turnEnded(m)
	case *claude.CommandLifecycle:
		if m.State == "completed" || m.State == "cancelled" {
			s.mu.Lock()
			s.dealt(m.CommandUUID)
			s.mu.Unlock()
		}
	case *claude.CompactBoundary:
		s.mu.Lock()
		s.top.used = m.Metadata.PostTokens
		s.mu.Unlock()
		s.heardWords(m)
	case *claude.BackgroundTasks:
		s.mu.Lock()
		if s.tasks > 0 && len(m.Tasks) == 0 {
			s.tasksEnded = s.host.Clock.Now()
		}
		s.tasks = len(m.Tasks)
		s.mu.Unlock()
	case *claude.Unknown:
		s.log.Debug("claude said something new", "type", m.Type)
	}
}

func (s *Session) heardInit(m *claude.Init) {
	s.mu.Lock()
	s.runs = m.Model
	if m.SessionID != "" && m.SessionID != s.claudeID {
		s.claudeID, s.top.before = m.SessionID, s.cost // /clear begins another conversation, whose cost begins at 0
	}
	s.turning = true
	s.mu.Unlock()
	s.startTyping()
	s.refreshHeader()
}

// turnEnded closes a turn: its cost, its state, and the answer's post.
func (s *Session) turnEnded(m *claude.Result) {
	s.mu.Lock()
	s.turning = false
	if s.forgotten = lostConversation(m); !s.forgotten {
		s.turns++
		s.answered, s.fails, s.fresh = true, 0, false
	}
	if m.TotalCostUSD > 0 {
		s.cost = s.top.before + m.TotalCostUSD
	}
	s.remodelled()
	if use, ok := m.ModelUsage[s.runs]; ok {
		s.top.size = use.ContextWindow
	}
	s.dealt(append(m.UserMessageUUIDs, m.UserMessageUUID)...)
	if s.tasks == 0 {
		s.open = nil // a call that never got its result does not run any more
	}
	s.out.Apply(s.words.TurnEnded(s.tasks > 0, s.host.Clock.Now())...)
	s.showSoonLocked()
	s.mu.Unlock()
	s.stopTyping()
	if text := transcript.Trouble(m); text != "" && !lostConversation(m) {
		s.notice(text)
		if m.Subtype == "error_max_budget_usd" {
			s.tell(tellOverBudget, text)
		}
	}
	s.refreshHeader()
	s.save()
	s.host.listed()
}

// lostConversation reports that the CLI does not know the conversation that it
// was to resume; it then exits.
func lostConversation(m *claude.Result) bool {
	return m.Subtype == "error_during_execution" && len(m.Errors) > 0 && strings.HasPrefix(m.Errors[0], "No conversation found")
}

// failsMost is how often a Claude may start and end without an answer before
// its session is given up.
const failsMost = 3

// exited is the end of Claude's process that nobody here asked for.
func (s *Session) exited(e claude.Exit) {
	s.mu.Lock()
	if !s.answered {
		s.fails++
	}
	never := s.turns == 0
	s.words.Closed(s.host.Clock.Now())
	void := s.cleared()
	again := len(s.queue) > 0 && !never && !s.forgotten && s.fails < failsMost
	text := exitText(e)
	switch {
	case again:
		s.phase = starting
		text = fmt.Sprintf("**[Exited: %d]**%s\n\n🔄 Claude is started again for the messages that wait.", e.Code, exitReason(e))
	case never:
		s.phase = ended
		text = fmt.Sprintf("⚠️ **Session ended** before Claude could respond (exit code %d)%s. Please start a new session.", e.Code, exitReason(e))
	case s.forgotten:
		s.phase = ended
		text = "⚠️ **Session ended:** Claude does not have this conversation any more. Please start a new session."
	case s.fails >= failsMost:
		s.phase = ended
		text = fmt.Sprintf("⚠️ **Session ended** after %d starts without an answer (exit code %d)%s. Please start a new session.", s.fails, e.Code, exitReason(e))
	default:
		s.phase, s.life.why = paused, whyExit
		text += s.endGrants()
	}
	s.unwatchIdle()
	if s.life.warned {
		s.putLife("⏹️ *Claude ended before the session timed out*")
		s.endLife()
	}
	over := s.phase == ended
	if over {
		text += s.undelivered()
	}
	s.words.Dropped(s.host.Clock.Now())
	s.mu.Unlock()
	s.stopTyping()
	s.showLast()
	for _, p := range void {
		s.closePrompt(p, "⏹️ *Claude ended before this was answered*")
	}
	s.log.Warn("claude exited", "code", e.Code, "signal", e.Signal, "err", e.Err)
	s.notice(text)
	switch {
	case over:
		s.closeChoices("⏹️ *The session ended before this was answered*")
		s.host.bury(s)
		s.farewell()
		s.tell(tellLost, text)
		s.host.release(s)
	case again:
		s.save()
		s.tell(tellExited, text)
		s.spawn(s.resumable())
	default:
		s.save()
		s.refreshHeader()
		s.tell(tellExited, text)
		s.host.release(s)
	}
}

func exitText(e claude.Exit) string {
	return fmt.Sprintf("**[Exited: %d]**%s\n\n💡 Write here to resume.", e.Code, exitReason(e))
}

// exitReason is why Claude ended, as far as it said so.
func exitReason(e claude.Exit) string {
	why := lastLine(e.Stderr)
	if e.Err != nil {
		why = e.Err.Error()
	}
	if why == "" {
		return ""
	}
	return ": " + markdown.Plain(cutRunes(why, 500))
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
