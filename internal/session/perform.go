package session

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// performRun does what a run wants done, each effect as alter leaves it; nil does
// nothing, and no alter leaves all as they are.
func (h performer) performRun(ctx context.Context, r *pipeline.Run, alter func(pipeline.Effect) pipeline.Effect) {
	for _, e := range r.Effects() {
		if alter != nil {
			e = alter(e)
		}
		if e != nil {
			h.perform(ctx, r, e)
		}
	}
}

// performCall does what a run over a tool call wants done, and gives its answer.
func (h performer) performCall(ctx context.Context, r *pipeline.Run) pipeline.AnswerTool {
	answer := pipeline.AnswerTool{Verdict: pipeline.Deny, Reason: "the policy gave no answer", By: "settle"}
	h.performRun(ctx, r, func(e pipeline.Effect) pipeline.Effect {
		if a, ok := e.(pipeline.AnswerTool); ok {
			answer = a
			return nil
		}
		return e
	})
	return answer
}

// perform does one thing that a run wants done. It is the one place that acts.
func (h performer) perform(ctx context.Context, r *pipeline.Run, e pipeline.Effect) {
	t := h.thread(r.Event.Thread.Root)
	switch e := e.(type) {
	case pipeline.Launch, pipeline.Prompt, pipeline.Control:
		if !entitled(r) {
			h.Log.Error("what a run did not allow is not done", "event", r.Event.ID, "user", r.Event.User.ID, "effect", fmt.Sprintf("%T", e))
			return
		}
	}
	switch e := e.(type) {
	case pipeline.Launch:
		h.launch(ctx, r, e)
	case pipeline.Reply:
		h.reply(r, e)
	case pipeline.React:
		t.Out.React(cmp.Or(e.Post, r.Event.Post.ID), e.Emoji)
	case pipeline.Label:
		if s := sessionIn(t); s != nil {
			s.headline().labelled(e)
		}
	case pipeline.Hold:
		h.slots().sessionOf(ctx, t.Root)
		t.Hold(r)
	case pipeline.Control:
		h.obey(ctx, h.slots().sessionOf(ctx, t.Root), r, e)
	case pipeline.Count:
		h.counted(ctx, t, r, e)
	case pipeline.Prompt:
		if s := h.slots().sessionOf(ctx, t.Root); s != nil {
			s.mail().prompt(e)
		} else {
			h.say(t.Root, command.NoSession)
		}
	case pipeline.Deliver, pipeline.Withhold:
		if s := h.slots().sessionOf(ctx, t.Root); s != nil {
			s.speech().showJudged(ctx, r, e)
		}
	}
}

// showJudged shows a block of Claude's words, or withholds it.
func (s speech) showJudged(ctx context.Context, r *pipeline.Run, e pipeline.Effect) {
	switch e := e.(type) {
	case pipeline.Deliver:
		s.delivered(strings.TrimPrefix(e.Block, string(s.id)+"/"), e)
	case pipeline.Withhold:
		block := strings.TrimPrefix(e.Block, string(s.id)+"/")
		s.withheld(block, e, e.Ask && s.holdBack(ctx, block, r))
	}
}

// say writes a line of ctpipe's own into a thread.
func (h *Host) say(root pipeline.PostID, text string) { h.thread(root).Notice(text) }

// interrupt ends the running turn and posts the notice; the session stays. False
// means that no turn runs, and nothing is posted.
func (s *Session) interrupt(notice string) bool {
	s.Lock()
	agent, state := s.hands.agent, s.stateLocked()
	s.Unlock()
	if agent == nil || state == process.Idle {
		return false
	}
	s.Notice(notice)
	go func() {
		defer s.Contain("interrupting claude", func() {})
		ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
		defer cancel()
		if err := agent.Interrupt(ctx, false); err != nil {
			s.log.Error("interrupting claude", "err", err)
		}
	}()
	return true
}

// resume starts Claude again because somebody asked for it with a reaction.
func (s pacer) resume(by pipeline.User) {
	start, err := s.host.slots().claim(s.Session)
	switch {
	case err != nil:
		s.Notice(err.Error())
	case start:
		s.Lock()
		s.pause.By = desk.Who(by)
		s.Unlock()
		s.launcher().setOut()
	}
}
