package session

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// gate takes a tool call at the first door. It is judged in a lane of its own,
// so that a thread full of chat never keeps Claude waiting.
func (s *Session) gate(c claude.GateCall) {
	agent := s.current()
	err := s.host.Lanes.Enqueue(string(s.thread)+"/gate", func(ctx context.Context) { s.firstDoor(ctx, c) })
	if err == nil {
		return
	}
	s.log.Error("a tool call is denied", "tool_use", c.ToolUseID, "err", err)
	if agent != nil {
		s.answerGate(agent, c, claude.GateAnswer{Decision: claude.Deny, Reason: "ctpipe has too much to do; try again in a moment"})
	}
}

// current is the agent that runs now, nil if none does. A gate call may come
// before spawn has handed the agent over; the lane waits for that.
func (s *Session) current() Agent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agent
}

// firstDoor judges a call and answers it: allow, deny, or ask, which brings it
// to the second door.
func (s *Session) firstDoor(ctx context.Context, c claude.GateCall) {
	agent := s.current()
	if agent == nil {
		return // it is gone, and with it the call
	}
	ev := s.toolEvent(ctx, c.ToolUseID, c.ToolName, c.Fields, c.Cwd, c.AgentType, claude.Hash(c.ToolName, c.Input, c.Cwd))
	run := s.host.Engine.Judge(ctx, ev)
	answer := pipeline.AnswerTool{Verdict: pipeline.Deny, Reason: "the policy gave no answer", By: "settle"}
	for _, e := range run.Effects() {
		if a, ok := e.(pipeline.AnswerTool); ok {
			answer = a
			continue
		}
		s.host.perform(ctx, run, e)
	}
	if run.Failed != nil {
		s.log.Error("a tool call could not be settled", "tool_use", c.ToolUseID, "err", run.Failed)
	}
	decision := decisionOf(answer.Verdict)
	s.noteJudged(c, run, decision)
	out := claude.GateAnswer{Decision: decision, Reason: answer.Reason}
	if decision == claude.Deny {
		s.refused(pipeline.ToolID(c.ToolUseID), answer.By, answer.Reason)
	}
	if decision == claude.Allow && answer.Input != nil {
		out.UpdatedInput, _ = json.Marshal(answer.Input)
	}
	s.answerGate(agent, c, out)
}

func (s *Session) answerGate(agent Agent, c claude.GateCall, a claude.GateAnswer) {
	err := agent.AnswerGate(c.RequestID, a)
	if err != nil && !errors.Is(err, claude.ErrStopping) && !errors.Is(err, claude.ErrClosed) {
		s.log.Error("answering a tool call", "tool_use", c.ToolUseID, "decision", a.Decision, "err", err)
	}
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

// toolEvent makes the event of a call, with the session's facts about it.
func (s *Session) toolEvent(ctx context.Context, id, name string, input map[string]any, cwd, sub, hash string) *pipeline.Event {
	ev := s.host.event(pipeline.KindTool, s.root)
	if cwd == "" {
		cwd = ev.Session.Dir
	}
	ev.Tool = pipeline.Tool{ID: pipeline.ToolID(id), Name: name, Input: input, Hash: hash, Cwd: cwd, Subagent: sub,
		Requesters: s.askers(ctx), Commands: []pipeline.Command{}, Paths: []pipeline.Path{}, Hosts: []string{}}
	s.mu.Lock()
	others := len(s.busy)
	if s.busy[pipeline.ToolID(id)] {
		others--
	}
	ev.Session.Busy = others > 0 || s.tasks > 0
	s.mu.Unlock()
	if len(ev.Tool.Requesters) == 0 {
		ev.Unknown = append(ev.Unknown, "tool.requesters")
	}
	return ev
}

// askers are the authors of what led to the running turn, as they stand now.
// One of them who cannot be looked up makes them unknown: none.
func (s *Session) askers(ctx context.Context) []pipeline.User {
	s.mu.Lock()
	ids := slices.Clone(s.requesters)
	s.mu.Unlock()
	users := make([]pipeline.User, 0, len(ids))
	for _, id := range ids {
		u, err := s.host.person(ctx, id, s, accountFor)
		if err != nil {
			s.log.Warn("a requester cannot be looked up", "user", id, "err", err)
			return nil
		}
		users = append(users, u)
	}
	return users
}

// noteJudged keeps what door one found until door two asks, or the result
// comes. A call that is more than reading makes others' paths uncertain.
func (s *Session) noteJudged(c claude.GateCall, run *pipeline.Run, d claude.Decision) {
	rec := s.ledger.Put(c, claude.Hash(c.ToolName, c.Input, c.Cwd), d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d == claude.Deny {
		s.ledger.Forget(c.SessionID, c.ToolUseID)
		return
	}
	s.judged[rec.Arrival] = run
	if !stages.OnlyReads(run.Event) {
		s.busy[pipeline.ToolID(c.ToolUseID)] = true
	}
	if d == claude.Allow {
		s.willWrite(run.Event)
	}
}

// willWrite remembers what an allowed call writes: running it later is opaque
// (S6). The lock is held.
func (s *Session) willWrite(ev *pipeline.Event) {
	for _, p := range ev.Tool.Paths {
		if p.Write && !slices.Contains(s.wrote, p.Real) {
			s.wrote = append(s.wrote, p.Real)
		}
	}
	if extra := len(s.wrote) - wroteMost; extra > 0 {
		s.wrote = s.wrote[extra:]
	}
}

// forgetJudged drops what is kept of a call that has ended; the lock is held.
func (s *Session) forgetJudged(id pipeline.ToolID) {
	for arrival, run := range s.judged {
		if run.Event.Tool.ID == id {
			delete(s.judged, arrival)
		}
	}
	s.ledger.Forget(s.claudeID, string(id))
}

// secondDoor takes a call that is asked for: door one said ask, or it is a
// question, a plan, or a safety check of Claude's own.
func (s *Session) secondDoor(c claude.AskCall) {
	err := s.host.Lanes.Enqueue(string(s.thread)+"/gate", func(ctx context.Context) { s.asking(ctx, c) })
	if err != nil {
		s.log.Error("an ask is denied", "tool_use", c.ToolUseID, "err", err)
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: "ctpipe has too much to do; try again in a moment"})
	}
}

func (s *Session) asking(ctx context.Context, c claude.AskCall) {
	rec, known := s.ledger.Take(c, claude.Hash(c.ToolName, c.Input, c.Cwd))
	var run *pipeline.Run
	if known {
		s.mu.Lock()
		run = s.judged[rec.Arrival]
		delete(s.judged, rec.Arrival)
		s.mu.Unlock()
	}
	if run == nil {
		s.log.Warn("an ask that door one did not judge is judged anew", "tool_use", c.ToolUseID, "tool", c.ToolName)
		run = s.judgeAsk(ctx, c)
	}
	verdict, top := run.Verdict()
	if verdict == pipeline.Deny {
		s.refused(pipeline.ToolID(c.ToolUseID), stages.Names(top), stages.Reasons(top))
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: stages.Reasons(top)})
		return
	}
	s.openTool(ctx, c, run, asksOf(run, c))
}

// judgeAsk judges a call of the second door from the start.
func (s *Session) judgeAsk(ctx context.Context, c claude.AskCall) *pipeline.Run {
	ev := s.toolEvent(ctx, c.ToolUseID, c.ToolName, c.Fields, c.Cwd, c.AgentID, claude.Hash(c.ToolName, c.Input, c.Cwd))
	return s.host.Engine.Judge(ctx, ev)
}

// asksOf are the votes that people have to satisfy. Where the rules allow a
// call and Claude still asks, that is an ask of its own, which no mode and no
// grant lifts (design, 10).
func asksOf(run *pipeline.Run, c claude.AskCall) []pipeline.Vote {
	verdict, top := run.Verdict()
	if verdict == pipeline.Ask {
		return top
	}
	why := c.DecisionReason
	if why == "" {
		why = "Claude Code asks for this itself"
	}
	return []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceFloor, By: "claude", Why: why}}
}

func (s *Session) answerAsk(requestID string, a claude.AskAnswer) {
	agent := s.current()
	if agent == nil {
		return
	}
	if err := agent.AnswerAsk(requestID, a); err != nil && !errors.Is(err, claude.ErrStopping) && !errors.Is(err, claude.ErrClosed) {
		s.log.Error("answering an ask", "request", requestID, "allow", a.Allow, "err", err)
	}
}

// sameFacts reports that a call is still what was shown to people (A1).
func sameFacts(a, b *pipeline.Event) bool {
	x, y := a.Tool, b.Tool
	return x.Hash == y.Hash && x.Cwd == y.Cwd && x.Opaque == y.Opaque &&
		reflect.DeepEqual(x.Commands, y.Commands) && reflect.DeepEqual(x.Paths, y.Paths) &&
		reflect.DeepEqual(x.Hosts, y.Hosts) && reflect.DeepEqual(a.Unknown, b.Unknown)
}
