package session

import (
	"context"
	"ctpipe/internal/desk"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
	"sync"
)

// How a card ends that nobody has answered.
const (
	stoppedBefore = "⏸️ *ctpipe stopped before this was answered*"
	endedBefore   = "⏹️ *The session ended before this was answered*"
)

// Close stops every agent, keeps what a restart needs, says so in the threads
// and waits until that is posted, or for ctx. Nothing new is started.
func (h *Host) Close(ctx context.Context) {
	all := h.shut(stoppedBefore)
	var wait sync.WaitGroup
	for _, s := range all {
		wait.Go(func() { s.pacer().suspend(ctx, "⏸️ **Bot shutting down** - session will resume on restart") })
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
	for _, t := range h.allThreads() {
		t.Out.Wait(ctx)
	}
	h.policy.Wait(ctx)
	for _, s := range all {
		s.record().save() // where the notice was posted is known now
	}
	h.list.Finish(ctx)
}

// shut lets nothing start any more, closes the cards of threads that have no
// session, and gives the sessions that are left.
func (h *Host) shut(outcome string) []*Session {
	h.mu.Lock()
	h.stopping.Store(true)
	all := h.slots().allLocked()
	h.mu.Unlock()
	h.noStarts()
	for _, t := range h.allThreads() {
		t.Lock()
		t.VoidLocked(func(p *desk.Prompt) bool { return p.Pending }, outcome)
		t.Unlock()
	}
	return all
}

// suspend ends Claude's process but not the session: the next message resumes it.
func (s pacer) suspend(ctx context.Context, notice string) {
	s.Lock()
	if s.process.Phase == process.Ended {
		s.Unlock()
		return
	}
	lived := s.process.Phase != process.Paused
	if s.process.Phase = process.Paused; lived {
		s.pause.Why = process.WhyRestart
	}
	s.unwatchIdleLocked()
	s.words.Closed(s.host.Clock.Now())
	agent := s.goneLocked(stoppedBefore)
	s.VoidLocked(thread.OfSession, stoppedBefore)
	notice += s.endGrantsLocked() + s.inbox.Undelivered()
	s.Unlock()
	s.speech().stopTyping()
	s.record().save()
	s.speech().flushAll(ctx)
	if lived {
		s.Lock()
		s.putPauseLocked(notice)
		s.Unlock()
	}
	if agent != nil {
		agent.Stop(ctx)
	}
}
