package session

import (
	"context"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
)

// end stops a session for good: no message and no reaction resumes it.
func (s *Session) end(notice string) {
	s.Lock()
	if s.process.Phase == process.Ended {
		s.Unlock()
		return
	}
	s.process.Phase = process.Ended
	s.words.Closed(s.host.Clock.Now())
	agent := s.goneLocked(endedBefore)
	s.VoidLocked(thread.OfSession, endedBefore)
	s.inbox.Queue = nil
	s.endGrantsLocked()
	s.pacer().unwatchIdleLocked()
	s.Unlock()
	s.speech().stopTyping()
	s.speech().showLast()
	s.Notice(notice)
	s.log.Info("session ended")
	s.host.slots().bury(s)
	s.headline().farewell()
	s.tell(tellEnded, notice)
	s.host.slots().release(s)
	s.host.stop(agent)
}

// begin notes that something is being started beside the lanes, for which Close
// waits; false: ctpipe is stopping.
func (h *Host) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping.Load() {
		return false
	}
	h.agents.Add(1)
	return true
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
