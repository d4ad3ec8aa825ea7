package session

import (
	"context"
	"sync"
)

// Close stops every agent, keeps what a restart needs, says so in the threads
// and waits until that is posted, or for ctx. Nothing new is started.
func (h *Host) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	all := make([]*Session, 0, len(h.sessions))
	for _, s := range h.sessions {
		all = append(all, s)
	}
	h.mu.Unlock()
	var wait sync.WaitGroup
	for _, s := range all {
		wait.Go(func() { s.pause(ctx, "⏸️ **Bot shutting down** - session will resume on restart") })
	}
	wait.Wait()
	h.stopping.Wait()
	h.mu.Lock()
	boxes := make([]*Outbox, 0, len(h.boxes))
	for _, box := range h.boxes {
		boxes = append(boxes, box)
	}
	h.mu.Unlock()
	for _, box := range boxes {
		box.Wait(ctx)
	}
}

// pause ends Claude's process but not the session: the next message resumes it.
func (s *Session) pause(ctx context.Context, notice string) {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return
	}
	agent := s.agent
	s.agent, s.state = nil, paused
	s.generation++
	open := s.prompts
	s.prompts = nil
	for _, p := range open {
		p.done = true
		if p.timer != nil {
			p.timer.Stop()
		}
	}
	s.mu.Unlock()
	s.stopTyping()
	s.save()
	for _, p := range open {
		s.closePrompt(p, "⏸️ *ctpipe stopped before this was answered*")
	}
	s.notice(notice)
	if agent != nil {
		agent.Stop(ctx)
	}
}
