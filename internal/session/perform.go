package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// perform does what a run wants done.
func (h *Host) perform(ctx context.Context, r *pipeline.Run, e pipeline.Effect) {
	root := r.Event.Thread.Root
	s := h.session(r.Event.Thread.ID)
	switch e := e.(type) {
	case pipeline.Launch:
		h.launch(r, e)
		return
	case pipeline.Reply:
		h.say(root, e.Text)
		return
	case pipeline.React:
		post := e.Post
		if post == "" {
			post = r.Event.Post.ID
		}
		h.outbox(root).React(post, e.Emoji)
		return
	case pipeline.Control:
		h.control(s, r, e)
		return
	case pipeline.Label:
		return // the journal has it
	}
	if s == nil {
		s = h.revive(ctx, root)
	}
	if s == nil {
		return
	}
	switch e := e.(type) {
	case pipeline.Prompt:
		s.prompt(e)
	case pipeline.Hold:
		_, asks := r.Verdict()
		s.hold(e.Prompt, asks)
	case pipeline.Count:
		s.count(ctx, e)
	case pipeline.Deliver:
		s.delivered(strings.TrimPrefix(e.Block, string(s.id)+"/"), e)
	case pipeline.Withhold:
		s.withheld(strings.TrimPrefix(e.Block, string(s.id)+"/"), e)
	}
}

// say writes a line of ctpipe's own into a thread.
func (h *Host) say(root pipeline.PostID, text string) {
	if s := h.session(h.threadID(root)); s != nil {
		s.notice(text)
		return
	}
	box := h.outbox(root)
	box.notice(fmt.Sprintf("say %d", box.serial()), h.clean(text))
}

// clean takes credentials out of what ctpipe itself writes.
func (h *Host) clean(text string) string {
	if h.Redact == nil {
		return text
	}
	return h.Redact(text)
}

// control acts on the session, or on all of them.
func (h *Host) control(s *Session, r *pipeline.Run, e pipeline.Control) {
	by := "@" + zeroWidth + e.By.Name
	switch {
	case e.What == "kill":
		h.Log.Warn("emergency shutdown", "user", e.By.ID)
		h.mu.Lock()
		all := make([]*Session, 0, len(h.sessions))
		for _, s := range h.sessions {
			all = append(all, s)
		}
		h.mu.Unlock()
		for _, s := range all {
			s.end("🔴 **EMERGENCY SHUTDOWN** by " + by)
		}
		if len(all) == 0 {
			h.say(r.Event.Thread.Root, "🔴 **EMERGENCY SHUTDOWN** by "+by)
		}
		if h.Kill != nil {
			h.Kill()
		}
	case s == nil:
		h.say(r.Event.Thread.Root, "ℹ️ There is no session in this thread")
	case e.What == "stop":
		s.end("🛑 **Session cancelled** by " + by)
	case e.What == "escape":
		s.interrupt(by)
	}
}

// end stops a session for good: no message and no reaction resumes it.
func (s *Session) end(notice string) {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return
	}
	agent := s.agent
	s.state, s.agent = ended, nil
	s.generation++
	open := s.prompts
	s.prompts, s.queue, s.grants = nil, nil, nil
	for _, p := range open {
		p.done = true
		if p.timer != nil {
			p.timer.Stop()
		}
	}
	s.mu.Unlock()
	s.stopTyping()
	for _, p := range open {
		s.closePrompt(p, "⏹️ *The session ended before this was answered*")
	}
	s.notice(notice)
	s.host.drop(s)
	s.log.Info("session ended")
	if agent != nil {
		s.host.stopping.Add(1)
		go func() {
			defer s.host.stopping.Done()
			agent.Stop(context.WithoutCancel(s.host.ctx))
		}()
	}
	if s.host.Store != nil {
		s.host.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
			if err := s.host.Store.EndSession(context.WithoutCancel(ctx), s.id); err != nil {
				s.log.Warn("marking the session as ended", "err", err)
			}
		})
	}
}

// interrupt ends the running turn; the session stays.
func (s *Session) interrupt(by string) {
	s.mu.Lock()
	agent, state := s.agent, s.state
	s.mu.Unlock()
	if agent == nil || state == idle {
		s.notice("ℹ️ Session is idle, nothing to interrupt")
		return
	}
	s.notice("⏸️ **Interrupted** by " + by)
	go func() {
		ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
		defer cancel()
		if err := agent.Interrupt(ctx, false); err != nil {
			s.log.Error("interrupting claude", "err", err)
		}
	}()
}

// save keeps what a restart needs.
func (s *Session) save() {
	if s.host.Store == nil {
		return
	}
	s.mu.Lock()
	v := state.Session{ID: s.id, Platform: s.host.Platform, Thread: s.thread, ClaudeSession: s.claudeID, Owner: s.owner,
		Dir: s.dir, Model: s.model, Mode: s.mode, State: s.state, Created: s.created, LastActive: s.active, Turns: s.turns, Cost: s.cost}
	over := s.state == ended
	s.mu.Unlock()
	if over {
		return
	}
	s.lanes("/state", func(ctx context.Context) {
		if err := s.host.Store.SaveSession(context.WithoutCancel(ctx), v); err != nil {
			s.log.Warn("saving the session", "err", err)
		}
	})
}
