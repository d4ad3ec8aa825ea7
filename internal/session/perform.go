package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// perform does what a run wants done.
func (h *Host) perform(ctx context.Context, r *pipeline.Run, e pipeline.Effect) {
	root := r.Event.Thread.Root
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
		return
	case pipeline.Reply:
		h.reply(r, e)
		return
	case pipeline.React:
		post := e.Post
		if post == "" {
			post = r.Event.Post.ID
		}
		h.outbox(root).React(post, e.Emoji)
		return
	case pipeline.Label:
		if s := h.session(h.threadID(root)); s != nil {
			s.labelled(e)
		}
		return
	}
	s := h.sessionOf(ctx, root)
	if c, ok := e.(pipeline.Control); ok {
		h.obey(ctx, s, r, c)
		return
	}
	if c, ok := e.(pipeline.Count); ok && c.Meaning == "why" {
		h.whyOn(ctx, s, r, c)
		return
	}
	switch e := e.(type) {
	case pipeline.Hold:
		h.hold(ctx, s, r)
		return
	case pipeline.Count:
		h.count(ctx, s, root, e)
		return
	}
	if s == nil {
		if _, ok := e.(pipeline.Prompt); ok {
			h.say(root, command.NoSession)
		}
		return
	}
	switch e := e.(type) {
	case pipeline.Prompt:
		s.prompt(e)
	case pipeline.Deliver:
		s.delivered(strings.TrimPrefix(e.Block, string(s.id)+"/"), r.Event.Show.What, e)
	case pipeline.Withhold:
		block := strings.TrimPrefix(e.Block, string(s.id)+"/")
		s.withheld(block, e, e.Ask && s.holdBack(ctx, block, r))
	}
}

// say writes a line of ctpipe's own into a thread.
func (h *Host) say(root pipeline.PostID, text string) {
	if s := h.session(h.threadID(root)); s != nil {
		s.notice(text)
		return
	}
	h.post1(h.outbox(root), text)
}

// post1 posts a text of ctpipe's own, as one post or as many as it takes.
func (h *Host) post1(box *outbox.Outbox, text string) {
	for _, page := range paginate.Pages(h.clean(text), h.MaxRunes) {
		box.Notice(fmt.Sprintf("say %d", box.Serial()), page)
	}
}

// all are the sessions in memory; the lock is held.
func (h *Host) all() []*Session {
	all := make([]*Session, 0, len(h.sessions))
	for _, s := range h.sessions {
		all = append(all, s)
	}
	return all
}

// end stops a session for good: no message and no reaction resumes it.
func (s *Session) end(notice string) {
	s.mu.Lock()
	if s.phase == ended {
		s.mu.Unlock()
		return
	}
	agent := s.agent
	s.phase = ended
	pieces := append(s.closeLines(), s.compaction.stop()...)
	void := append(s.cleared(), s.prompts...)
	s.prompts, s.queue, s.grants = nil, nil, nil
	for _, p := range void {
		p.settled()
	}
	s.unwatchIdle()
	s.mu.Unlock()
	s.stopTyping()
	s.showLast(pieces)
	for _, p := range void {
		s.closePrompt(p, "⏹️ *The session ended before this was answered*")
	}
	s.notice(notice)
	s.log.Info("session ended")
	s.host.bury(s)
	s.farewell()
	s.tell(tellEnded, notice)
	s.host.release(s)
	s.host.stop(agent)
}

// stop ends an agent in the background; Close waits for it. The channel is
// closed when its process is gone.
func (h *Host) stop(agent Agent) (gone <-chan struct{}) {
	done := make(chan struct{})
	if agent == nil {
		close(done)
		return done
	}
	h.agents.Add(1)
	go func() {
		defer h.agents.Done()
		defer close(done)
		agent.Stop(context.WithoutCancel(h.ctx))
	}()
	return done
}

// interrupt ends the running turn and posts the notice; the session stays. False
// means that no turn runs, and nothing is posted.
func (s *Session) interrupt(notice string) bool {
	s.mu.Lock()
	agent, state := s.agent, s.state()
	s.mu.Unlock()
	if agent == nil || state == idle {
		return false
	}
	s.notice(notice)
	go func() {
		defer s.contain("interrupting claude", func() {})
		ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
		defer cancel()
		if err := agent.Interrupt(ctx, false); err != nil {
			s.log.Error("interrupting claude", "err", err)
		}
	}()
	return true
}

// resume starts Claude again because somebody asked for it with a reaction.
func (s *Session) resume(by pipeline.User) {
	start, err := s.host.claim(s)
	switch {
	case err != nil:
		s.notice(err.Error())
	case start:
		s.mu.Lock()
		s.life.by = s.who(by)
		s.mu.Unlock()
		s.setOut()
	}
}
