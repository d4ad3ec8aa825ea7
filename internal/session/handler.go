package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// handler hears one agent. What an agent says that has been replaced is for
// nobody (RACE-04).
func (s *Session) handler(gen int) claude.Handler {
	current := func(f func()) {
		s.mu.Lock()
		ok := s.generation == gen && s.state != ended
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
	switch m := m.(type) {
	case *claude.StreamEvent:
		s.mu.Lock()
		pieces := s.stream.event(m)
		s.mu.Unlock()
		s.show(pieces...)
	case *claude.Assistant:
		s.heardAssistant(m)
	case *claude.User:
		s.heardResults(m)
	case *claude.Init:
		s.heardInit(m)
	case *claude.Result:
		s.turnEnded(m)
	case *claude.APIRetry:
		s.mu.Lock()
		gone := s.stream.drop(0)
		s.mu.Unlock()
		s.show(gone...)
	case *claude.BackgroundTasks:
		s.mu.Lock()
		s.tasks = len(m.Tasks)
		s.mu.Unlock()
	case *claude.Unknown:
		s.log.Debug("claude said something new", "type", m.Type)
	}
}

func (s *Session) heardInit(m *claude.Init) {
	s.mu.Lock()
	s.runs = m.Model
	if m.SessionID != "" {
		s.claudeID = m.SessionID // /clear begins another conversation
	}
	if s.state == idle {
		s.state = running
	}
	s.touch()
	s.mu.Unlock()
	s.startTyping()
}

func (s *Session) heardAssistant(m *claude.Assistant) {
	s.mu.Lock()
	s.touch()
	var pieces []piece
	if m.ParentToolUseID == "" {
		pieces = s.stream.assistant(m)
	}
	for _, b := range m.Message.Content {
		if use, ok := b.(claude.ToolUseBlock); ok {
			pieces = append(pieces, s.called(use, m.ParentToolUseID != "")...)
		}
	}
	s.mu.Unlock()
	if m.Error != "" || m.IsAPIErrorMessage {
		pieces = troubled(pieces, m)
	}
	s.show(pieces...)
}

// troubled puts what people can do beside the CLI's own words.
func troubled(pieces []piece, m *claude.Assistant) []piece {
	advice := ""
	switch m.Error {
	case "authentication_failed":
		advice = "\n\n🔐 **Claude is not logged in.** On the machine that runs ctpipe, run `claude` once and log in (`/login`), or give it `ANTHROPIC_API_KEY`; then write here again."
	case "billing_error":
		advice = "\n\n💳 The Anthropic account has a billing problem; somebody with access to it has to look."
	case "rate_limit":
		advice = "\n\n⏳ The account's limit is used up; write here again when it is reset."
	case "model_not_found":
		advice = "\n\nThe model does not exist, or this account may not use it: `[claude] model` in rules.toml."
	}
	for i := range pieces {
		if pieces[i].what == "text" {
			pieces[i].text = "⚠️ " + pieces[i].text + advice
		}
	}
	return pieces
}

// turnEnded closes a turn: its cost, its state, and the next answer's post.
func (s *Session) turnEnded(m *claude.Result) {
	s.mu.Lock()
	s.touch()
	s.turns++
	if m.TotalCostUSD > 0 {
		s.cost = m.TotalCostUSD
	}
	s.settleState(false)
	gone := s.stream.drop(0)
	s.mu.Unlock()
	s.show(gone...)
	s.lanes("/show", func(context.Context) {
		s.mu.Lock()
		s.pages.seal()
		s.pages.forget()
		s.mu.Unlock()
	})
	s.stopTyping()
	if text := resultTrouble(m); text != "" {
		s.notice(text)
	}
	s.save()
}

// resultTrouble says in words why a turn ended other than it should. An
// interrupt is no trouble, and API errors have been shown as text.
func resultTrouble(m *claude.Result) string {
	switch {
	case m.Subtype == "error_max_turns":
		return "⚠️ Claude reached the limit of turns for one message. Write again to let it go on."
	case m.Subtype == "error_max_budget_usd":
		return "⚠️ The session's budget is used up; start a new session to go on."
	case m.Subtype == "error_during_execution" && !strings.HasPrefix(m.TerminalReason, "aborted") && len(m.Errors) > 0:
		return "⚠️ " + stages.Plain(m.Errors[0])
	}
	return ""
}

// exited is the end of Claude's process that nobody here asked for.
func (s *Session) exited(e claude.Exit) {
	s.mu.Lock()
	s.agent = nil
	s.state = paused
	never := s.turns == 0
	if never {
		s.state = ended
	}
	open := s.prompts
	s.prompts = nil
	s.busy, s.tasks = map[pipeline.ToolID]bool{}, 0
	gone := s.stream.drop(0)
	s.mu.Unlock()
	s.stopTyping()
	s.show(gone...)
	for _, p := range open {
		s.closePrompt(p, "⏹️ *Claude ended before this was answered*")
	}
	s.log.Warn("claude exited", "code", e.Code, "signal", e.Signal, "err", e.Err)
	s.notice(exitText(e, never))
	if never {
		s.host.drop(s)
		return
	}
	s.save()
	s.host.drop(s)
}

func exitText(e claude.Exit, never bool) string {
	why := lastLine(e.Stderr)
	if e.Err != nil {
		why = e.Err.Error()
	}
	if why != "" {
		why = ": " + stages.Plain(why)
	}
	if never {
		return fmt.Sprintf("⚠️ **Session ended** before Claude could respond (exit code %d)%s. Please start a new session.", e.Code, why)
	}
	return fmt.Sprintf("**[Exited: %d]**%s\n\n💡 Write here to resume.", e.Code, why)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// lanes puts a task into one of the thread's own lanes.
func (s *Session) lanes(which string, t pipeline.Task) {
	if err := s.host.Lanes.Enqueue(string(s.thread)+which, t); err != nil && !errors.Is(err, pipeline.ErrClosed) {
		s.log.Error("a task is dropped", "lane", which, "err", err)
	}
}
