package session

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// What Claude reads where ctpipe itself is at fault.
const (
	overloaded = "ctpipe has too much to do; try again in a moment"
	broken     = thread.Broken
)

// preToolUse takes a tool call at the CLI's PreToolUse hook, which sees every
// call. It is judged in a lane of its own, so that a thread full of chat never
// keeps Claude waiting.
func (s gatekeeper) preToolUse(c claude.GateCall) {
	refuse := func(why string) { s.answerGate(c, claude.GateAnswer{Decision: claude.Deny, Reason: why}) }
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/gate", func(ctx context.Context) {
		defer s.Contain("judging a tool call", func() { refuse(broken) })
		s.judgeCall(ctx, c)
	})
	if err != nil {
		s.log.Error("a tool call is denied", "tool_use", c.ToolUseID, "err", err)
		refuse(overloaded)
	}
}

// judgeCall judges a call and answers it: allow, deny, or ask, which brings it to
// can_use_tool. Where another hook could rewrite the input after this answer, it
// is ask instead of allow: what can_use_tool returns is what runs.
func (s gatekeeper) judgeCall(ctx context.Context, c claude.GateCall) {
	hash := claude.Hash(c.ToolName, c.Input, c.Cwd)
	ev := s.toolEvent(ctx, pipeline.Tool{ID: pipeline.ToolID(c.ToolUseID), Name: c.ToolName, Input: c.Fields, Cwd: c.Cwd, Subagent: c.AgentType, Hash: hash}, 0)
	run := s.host.Engine.Judge(ctx, ev)
	answer := s.host.performer().performCall(ctx, run)
	if run.Failed != nil {
		s.log.Error("a tool call could not be settled", "tool_use", c.ToolUseID, "err", run.Failed)
	}
	out := s.gateAnswer(answer, run)
	s.Lock()
	arrival := s.calls.Judged(pipeline.ToolID(c.ToolUseID), hash, run, answer.Verdict == pipeline.Allow, out.Decision)
	if out.Decision == claude.Allow || out.Decision == claude.None {
		s.willRunLocked(run.Event)
	}
	s.Unlock()
	if out.Decision == claude.Deny {
		s.speech().refused(pipeline.ToolID(c.ToolUseID), answer.By, out.Reason)
	}
	if !s.answerGate(c, out) {
		s.Lock()
		s.calls.Drop(arrival)
		s.Unlock()
	}
}

// gateAnswer is what the CLI is told.
func (s gatekeeper) gateAnswer(answer pipeline.AnswerTool, run *pipeline.Run) claude.GateAnswer {
	out := claude.GateAnswer{Decision: decisionOf(answer.Verdict), Reason: answer.Reason}
	if out.Decision != claude.Allow {
		return out
	}
	if s.hooked() {
		out.Decision = claude.Ask
		return out
	}
	if run.Rewrote {
		raw, err := json.Marshal(run.Event.Tool.Input)
		if err != nil {
			return claude.GateAnswer{Decision: claude.Deny, Reason: broken}
		}
		out.UpdatedInput = raw
	}
	return out
}

// hooked reports that the running Claude has hooks of settings files.
func (s gatekeeper) hooked() bool {
	s.Lock()
	defer s.Unlock()
	return s.process.FileHooks
}

// answerGate answers a call at PreToolUse; false says that nobody waits for it
// any more.
func (s gatekeeper) answerGate(c claude.GateCall, a claude.GateAnswer) bool {
	agent := s.current()
	if agent == nil {
		return false
	}
	err := agent.AnswerGate(c.RequestID, a)
	if err != nil && !late(err) {
		s.log.Error("answering a tool call", "tool_use", c.ToolUseID, "decision", a.Decision, "err", err)
	}
	return err == nil
}

// late reports an answer to something that Claude does not wait for any more.
func late(err error) bool {
	return slices.ContainsFunc([]error{claude.ErrStopping, claude.ErrClosed, claude.ErrWithdrawn, claude.ErrUnknownCall, claude.ErrAnswered},
		func(known error) bool { return errors.Is(err, known) })
}

func decisionOf(v pipeline.Verdict) claude.Decision {
	switch v {
	case pipeline.Allow:
		return claude.Allow
	case pipeline.Ask:
		return claude.Ask
	case pipeline.Abstain:
		return claude.None
	}
	return claude.Deny
}

// toolEvent makes the event of a call, with the session's facts about it. Self
// is the arrival of the call itself, 0 while it is judged for the first time.
func (s gatekeeper) toolEvent(ctx context.Context, call pipeline.Tool, self uint64) *pipeline.Event {
	ev := s.host.event(pipeline.KindTool, s.Root)
	ev.Session.Grants = s.holding(ctx)
	if call.Cwd == "" {
		call.Cwd = ev.Session.Dir
	}
	call.Requesters = s.askers(ctx)
	call.Commands, call.Paths, call.Hosts = []pipeline.Command{}, []pipeline.Path{}, []string{}
	ev.Tool = call
	s.Lock()
	ev.Session.Busy = s.process.Tasks > 0 || s.calls.BusyBeside(self)
	s.Unlock()
	facts.UnsettleBranch(ev)
	if len(ev.Tool.Requesters) == 0 {
		ev.Unknown = append(ev.Unknown, "tool.requesters")
	}
	return ev
}

// askers are the authors of what led to the running turn, as they stand now.
// One of them who cannot be looked up makes them unknown: none.
func (s gatekeeper) askers(ctx context.Context) []pipeline.User {
	s.Lock()
	ids := s.inbox.Requesters
	s.Unlock()
	users := make([]pipeline.User, 0, len(ids))
	for _, id := range ids {
		u, err := s.host.person(ctx, id, s.Session, accountFor)
		if err != nil {
			s.log.Warn("a requester cannot be looked up", "user", id, "err", err)
			return nil
		}
		users = append(users, u)
	}
	return users
}
