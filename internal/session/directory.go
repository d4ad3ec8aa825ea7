package session

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// where is the session's directory.
func (s *Session) where() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dir
}

// workIn goes on in another directory, and says so.
func (s *Session) workIn(dir, text, restarted string) {
	running := s.move(dir)
	if running {
		text += "\n" + restarted
	}
	s.notice(text)
	s.refreshHeader()
	s.save()
	if running {
		s.spawn(false)
	}
}

// move gives the session another directory and a conversation that has not
// begun. It reports whether a Claude ran, which is stopped and is to be started
// again.
func (s *Session) move(dir string) (running bool) {
	s.mu.Lock()
	agent := s.agent
	running = s.phase == starting || s.phase == idle
	pieces := append(s.closeLines(), s.compaction.stop()...)
	pieces = append(pieces, s.stream.drop(0)...)
	void := s.cleared()
	s.dir, s.claudeID, s.fresh, s.grants = dir, uuid.NewString(), true, nil
	s.offers = true // the next Claude knows nothing of the thread
	s.top.used = 0
	if running {
		s.phase = starting
	}
	s.mu.Unlock()
	s.stopTyping()
	s.closeTree("⏹️ *The session went to another directory before this was answered*")
	s.show(pieces...)
	for _, p := range void {
		s.closePrompt(p, "⏹️ *The session went to another directory before this was answered*")
	}
	s.host.stop(agent)
	return running
}

// sessionDirs are where sessions of this platform work: those in memory, and
// the paused ones of which there is a record.
func (h *Host) sessionDirs(ctx context.Context) ([]string, error) {
	h.mu.Lock()
	all := h.all()
	h.mu.Unlock()
	var dirs []string
	for _, s := range all {
		s.mu.Lock()
		if s.phase != ended {
			dirs = append(dirs, s.dir)
		}
		s.mu.Unlock()
	}
	if h.Store == nil {
		return dirs, nil
	}
	records, err := h.Store.Sessions(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking which sessions use it: %w", err)
	}
	for _, v := range records {
		dirs = append(dirs, v.Dir)
	}
	return dirs, nil
}
