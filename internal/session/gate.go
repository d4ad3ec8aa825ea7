package session

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"slices"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// What Claude reads where ctpipe itself is at fault.
const (
	overloaded = "ctpipe has too much to do; try again in a moment"
	broken     = "ctpipe could not judge this call"
)

// gate takes a tool call at the first door. It is judged in a lane of its own,
// so that a thread full of chat never keeps Claude waiting.
func (s *Session) gate(c claude.GateCall) {
	refuse := func(why string) { s.answerGate(c, claude.GateAnswer{Decision: claude.Deny, Reason: why}) }
	err := s.host.Lanes.Enqueue(string(s.thread)+"/gate", func(ctx context.Context) {
		defer s.contain("judging a tool call", func() { refuse(broken) })
		s.firstDoor(ctx, c)
	})
	if err != nil {
		s.log.Error("a tool call is denied", "tool_use", c.ToolUseID, "err", err)
		refuse(overloaded)
	}
}

// contain keeps a panic to this session (RACE-06).
func (s *Session) contain(what string, then func()) {
	if p := recover(); p != nil {
		s.log.Error("panic", "in", what, "panic", p, "stack", string(debug.Stack()))
		then()
	}
}

// current is the agent that runs now, nil if none does.
func (s *Session) current() Agent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agent
}

// firstDoor judges a call and answers it: allow, deny, or ask, which brings it
// to the second door. Where another hook could rewrite the input after this
// answer, it is ask instead of allow: what the second door returns is what runs
// (design, 10).
func (s *Session) firstDoor(ctx context.Context, c claude.GateCall) {
	ev := s.toolEvent(ctx, c.ToolUseID, c.ToolName, c.Fields, c.Cwd, c.AgentType, claude.Hash(c.ToolName, c.Input, c.Cwd), nil)
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
	out := claude.GateAnswer{Decision: decisionOf(answer.Verdict), Reason: answer.Reason}
	if s.hooked() && out.Decision == claude.Allow {
		out.Decision = claude.Ask
	}
	if out.Decision == claude.Allow && run.Rewrote {
		raw, err := json.Marshal(run.Event.Tool.Input)
		if err != nil {
			out = claude.GateAnswer{Decision: claude.Deny, Reason: broken}
		}
		out.UpdatedInput = raw
	}
	call := s.judged(c, run, answer.Verdict == pipeline.Allow, out.Decision)
	if out.Decision == claude.Deny {
		s.refused(pipeline.ToolID(c.ToolUseID), answer.By, out.Reason)
	}
	if !s.answerGate(c, out) {
		s.dropCall(call)
	}
}

// hooked reports that the running Claude has hooks of settings files.
func (s *Session) hooked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fileHooks
}

// answerGate answers a call at the first door; false says that nobody waits
// for it any more.
func (s *Session) answerGate(c claude.GateCall, a claude.GateAnswer) bool {
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

// toolEvent makes the event of a call, with the session's facts about it.
func (s *Session) toolEvent(ctx context.Context, id, name string, input map[string]any, cwd, sub, hash string, self *openCall) *pipeline.Event {
	ev := s.host.event(pipeline.KindTool, s.root)
	ev.Session.Grants = s.holding(ctx)
	if cwd == "" {
		cwd = ev.Session.Dir
	}
	ev.Tool = pipeline.Tool{ID: pipeline.ToolID(id), Name: name, Input: input, Hash: hash, Cwd: cwd, Subagent: sub,
		Requesters: s.askers(ctx), Commands: []pipeline.Command{}, Paths: []pipeline.Path{}, Hosts: []string{}}
	s.mu.Lock()
	ev.Session.Busy = s.busyBeside(self)
	s.mu.Unlock()
	facts.UnsettleBranch(ev)
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

// secondDoor takes a call that is asked for: door one said ask, or it is a
// question, a plan, or a safety check of Claude's own.
func (s *Session) secondDoor(c claude.AskCall) {
	s.mu.Lock()
	s.asks[c.RequestID] = true
	s.timed[c.RequestID] = pipeline.ToolID(c.ToolUseID)
	s.mu.Unlock()
	err := s.host.Lanes.Enqueue(string(s.thread)+"/gate", func(ctx context.Context) {
		defer s.contain("an ask", func() { s.answerAsk(c.RequestID, claude.AskAnswer{Message: broken}) })
		s.asking(ctx, c)
	})
	if err != nil {
		s.log.Error("an ask is denied", "tool_use", c.ToolUseID, "err", err)
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: overloaded})
	}
}

// awaited reports that Claude still waits for an answer at the second door.
func (s *Session) awaited(requestID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks[requestID]
}

func (s *Session) asking(ctx context.Context, c claude.AskCall) {
	if !s.awaited(c.RequestID) {
		return
	}
	call := s.take(c)
	if call == nil {
		s.log.Warn("an ask that door one did not judge is judged anew", "tool_use", c.ToolUseID, "tool", c.ToolName)
		call = &openCall{id: pipeline.ToolID(c.ToolUseID)}
		call.run = s.judgeAsk(ctx, c, call)
		call.reads = facts.OnlyReads(call.run.Event)
		s.mu.Lock()
		s.open = append(s.open, call)
		s.mu.Unlock()
	}
	verdict, top := call.run.Verdict()
	switch {
	case verdict == pipeline.Deny:
		s.refused(call.id, stages.Names(top), stages.Reasons(top))
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: stages.Reasons(top)})
	case call.allowed && call.told == claude.Ask && !facts.GoesToPeople(c.ToolName):
		s.mu.Lock()
		s.willRun(call.run.Event)
		s.mu.Unlock()
		s.answerAsk(c.RequestID, allowed(call.run, c))
	default:
		s.openTool(c, call, asksOf(call, c))
	}
}

// judgeAsk judges a call of the second door from the start.
func (s *Session) judgeAsk(ctx context.Context, c claude.AskCall, self *openCall) *pipeline.Run {
	return s.host.Engine.Judge(ctx, s.askEvent(ctx, c, self))
}

// askEvent makes the event of a call of the second door.
func (s *Session) askEvent(ctx context.Context, c claude.AskCall, self *openCall) *pipeline.Event {
	sub := c.AgentID // door one told the subagent's type, door two tells only its id
	if self != nil && self.run != nil {
		sub = self.run.Event.Tool.Subagent
	}
	return s.toolEvent(ctx, c.ToolUseID, c.ToolName, c.Fields, c.Cwd, sub, claude.Hash(c.ToolName, c.Input, c.Cwd), self)
}

// asksOf are the votes that people have to satisfy. Where a call was allowed
// and Claude still asks, that is an ask of its own, which no mode and no grant
// lifts (design, 10). Where rules asked and those in force now allow, nothing is
// left to ask.
func asksOf(call *openCall, c claude.AskCall) []pipeline.Vote {
	verdict, top := call.run.Verdict()
	if verdict == pipeline.Allow && call.told == claude.Ask && !facts.GoesToPeople(c.ToolName) {
		return nil
	}
	if verdict == pipeline.Ask && (call.told != claude.Allow || facts.GoesToPeople(c.ToolName)) {
		return top
	}
	why := c.DecisionReason
	if why == "" {
		why = "Claude Code asks for this itself"
	}
	own := pipeline.Vote{Verdict: pipeline.Ask, Source: pipeline.SourceFloor, By: "claude", Why: why}
	if verdict == pipeline.Ask && top[0].Source != pipeline.SourceDefault {
		return append(slices.Clone(top), own)
	}
	return []pipeline.Vote{own}
}

// allowed allows a call with the very input that was judged (A1, A13).
func allowed(run *pipeline.Run, c claude.AskCall) claude.AskAnswer {
	if !run.Rewrote {
		return claude.AskAnswer{Allow: true, UpdatedInput: c.Input}
	}
	raw, err := json.Marshal(run.Event.Tool.Input)
	if err != nil {
		return claude.AskAnswer{Message: broken}
	}
	return claude.AskAnswer{Allow: true, UpdatedInput: raw}
}

// The pace of an answer that finds no room in Claude's queue: without one,
// Claude would wait for ever.
const (
	answerEvery = time.Second
	answerTries = 120
)

// answerAsk answers a call at the second door, once.
func (s *Session) answerAsk(requestID string, a claude.AskAnswer) {
	s.mu.Lock()
	agent, waits := s.agent, s.asks[requestID]
	delete(s.asks, requestID)
	s.timeFromNow(requestID)
	s.mu.Unlock()
	if agent != nil && waits {
		s.tryAnswer(agent, requestID, a, 1)
	}
}

func (s *Session) tryAnswer(agent Agent, requestID string, a claude.AskAnswer, try int) {
	err := agent.AnswerAsk(requestID, a)
	switch {
	case err == nil || late(err):
	case errors.Is(err, claude.ErrQueueFull) && try < answerTries:
		s.host.Clock.AfterFunc(answerEvery, func() { s.tryAnswer(agent, requestID, a, try+1) })
	default:
		s.log.Error("answering an ask", "request", requestID, "allow", a.Allow, "err", err)
	}
}
