package session

import (
	"cmp"
	"context"
	"errors"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/facts"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// canUseTool takes a call that is asked for: PreToolUse was answered ask, or it
// is a question, a plan, or a safety check of Claude's own.
func (s gatekeeper) canUseTool(c claude.AskCall) {
	s.Lock()
	s.calls.Await(c.RequestID, pipeline.ToolID(c.ToolUseID))
	s.Unlock()
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/gate", func(ctx context.Context) {
		defer s.Contain("an ask", func() { s.answerAsk(c.RequestID, claude.AskAnswer{Message: broken}) })
		s.settleAsk(ctx, c)
	})
	if err != nil {
		s.log.Error("an ask is denied", "tool_use", c.ToolUseID, "err", err)
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: overloaded})
	}
}

func (s gatekeeper) settleAsk(ctx context.Context, c claude.AskCall) {
	s.Lock()
	waits := s.calls.Waits(c.RequestID)
	known, found := s.calls.Take(pipeline.ToolID(c.ToolUseID), c.ToolName, claude.Hash(c.ToolName, c.Input, c.Cwd))
	s.Unlock()
	if !waits {
		return
	}
	call := desk.Call{Request: c.RequestID, Arrival: known.Arrival, ID: pipeline.ToolID(c.ToolUseID), Tool: c.ToolName,
		Cwd: c.Cwd, Agent: c.AgentID, Input: c.Input,
		Judged: desk.Judged{Event: known.Event, Verdict: known.Verdict, Top: known.Top, Rewrote: known.Rewrote}}
	if !found {
		s.log.Warn("an ask that was not judged before is judged now", "tool_use", c.ToolUseID, "tool", c.ToolName)
		s.Lock()
		call.Arrival = s.calls.Unjudged(call.ID)
		s.Unlock()
		s.judgeAsk(ctx, &call)
	}
	if claudeAsks(call, known.Told) {
		call.Reason = cmp.Or(c.DecisionReason, "Claude Code asks for this itself")
		s.judgeAsk(ctx, &call)
	}
	switch {
	case call.Judged.Verdict == pipeline.Deny:
		why := pipeline.Reasons(call.Judged.Top)
		s.speech().refused(call.ID, pipeline.Names(call.Judged.Top), why)
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: why})
	case known.Allowed && known.Told == claude.Ask && !facts.GoesToPeople(c.ToolName):
		s.Lock()
		s.willRunLocked(call.Judged.Event)
		s.Unlock()
		s.answerAsk(c.RequestID, thread.Allowing(&call))
	default:
		s.AskCall(call)
	}
}

// claudeAsks reports a call that ctpipe let pass, or would, and that Claude asks
// for all the same: that is an ask of its own, which no mode and no grant lifts.
// Questions and plans are asked for by the floor already.
func claudeAsks(call desk.Call, told claude.Decision) bool {
	return told == claude.Allow || call.Judged.Verdict == pipeline.Allow && told != claude.Ask
}

// judgeAsk judges a call of can_use_tool, and keeps what was found.
func (s gatekeeper) judgeAsk(ctx context.Context, call *desk.Call) {
	run := s.host.Engine.Judge(ctx, s.callEvent(ctx, call))
	call.Judged = desk.JudgedBy(run)
	s.Lock()
	defer s.Unlock()
	s.calls.Rejudged(call.Arrival, run)
}

// callEvent makes the event of a call of can_use_tool. PreToolUse told the type
// of a subagent, can_use_tool tells only its id.
func (s gatekeeper) callEvent(ctx context.Context, call *desk.Call) *pipeline.Event {
	sub := call.Agent
	if call.Judged.Event != nil {
		sub = call.Judged.Event.Tool.Subagent
	}
	return s.toolEvent(ctx, pipeline.Tool{ID: call.ID, Name: call.Tool, Input: call.Fields(), Cwd: call.Cwd, Subagent: sub,
		Hash: claude.Hash(call.Tool, call.Input, call.Cwd), ClaudeAsks: call.Reason}, call.Arrival)
}

// The pace of an answer that finds no room in Claude's queue: without one,
// Claude would wait for ever.
const (
	answerEvery = time.Second
	answerTries = 120
)

// answerAsk answers a call of can_use_tool, once.
func (s gatekeeper) answerAsk(request string, a claude.AskAnswer) {
	s.Lock()
	agent := s.hands.agent
	id, waited := s.calls.Answered(request)
	s.words.TimeFromNow(id, s.host.Clock.Now())
	s.Unlock()
	if agent != nil && waited {
		s.tryAnswer(agent, request, a, 1)
	}
}

func (s gatekeeper) tryAnswer(agent Agent, request string, a claude.AskAnswer, try int) {
	err := agent.AnswerAsk(request, a)
	switch {
	case err == nil || late(err):
	case errors.Is(err, claude.ErrQueueFull) && try < answerTries:
		s.host.Clock.AfterFunc(answerEvery, func() { s.tryAnswer(agent, request, a, try+1) })
	default:
		s.log.Error("answering an ask", "request", request, "allow", a.Allow, "err", err)
	}
}

// withdrawn ends what Claude no longer waits for.
func (s gatekeeper) withdrawn(request string) {
	s.Lock()
	s.calls.Answered(request)
	p := s.Desk.ByRequest(request)
	s.Unlock()
	if p != nil {
		s.Finish(p.ID, "↩️ *Claude withdrew this*")
	}
}
