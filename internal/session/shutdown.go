package session

import (
	"context"
	"sync"

	"ctpipe/internal/outbox"
)

// Close stops every agent, keeps what a restart needs, says so in the threads
// and waits until that is posted, or for ctx. Nothing new is started.
func (h *Host) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	all := h.all()
	h.mu.Unlock()
	h.noStarts()
	h.unpark("⏸️ *ctpipe stopped before this was answered*")
	var wait sync.WaitGroup
	for _, s := range all {
		wait.Go(func() { s.pause(ctx, "⏸️ **Bot shutting down** - session will resume on restart") })
	}
	wait.Wait()
	stopped := make(chan struct{})
	go func() {
		h.agents.Wait()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-ctx.Done():
	}
	h.mu.Lock()
	boxes := make([]*outbox.Outbox, 0, len(h.boxes))
	for _, box := range h.boxes {
		boxes = append(boxes, box)
	}
	h.mu.Unlock()
	for _, box := range boxes {
		box.Wait(ctx)
	}
	for _, s := range all {
		s.save() // where the notice was posted is known now
	}
	h.lastBoard(ctx)
}

// pause ends Claude's process but not the session: the next message resumes it.
func (s *Session) pause(ctx context.Context, notice string) {
	s.mu.Lock()
	if s.phase == ended {
		s.mu.Unlock()
		return
	}
	agent, lived := s.agent, s.phase != paused
	if s.phase = paused; lived {
		s.life.why = whyRestart
	}
	s.unwatchIdle()
	s.words.Closed(s.host.Clock.Now())
	void := append(s.cleared(), s.prompts...)
	s.prompts = nil
	for _, p := range void {
		p.settled()
	}
	notice += s.endGrants() + s.undelivered()
	s.mu.Unlock()
	s.stopTyping()
	s.save()
	s.flushAll(ctx)
	for _, p := range void {
		s.closePrompt(p, "⏸️ *ctpipe stopped before this was answered*")
	}
	if lived {
		s.mu.Lock()
		s.putLife(notice)
		s.mu.Unlock()
	}
	if agent != nil {
		agent.Stop(ctx)
	}
}
