package session

import (
	"context"
	"ctpipe/internal/desk"
	"ctpipe/internal/process"
	"fmt"

	"github.com/google/uuid"
)

// workIn goes on in another directory, and says so.
func (s *Session) workIn(dir, text, restarted string) {
	running := s.move(dir)
	if running {
		text += "\n" + restarted
	}
	s.Notice(text)
	s.headline().refreshHeader()
	s.record().save()
	if running {
		s.launcher().spawn(false)
	}
}

// move gives the session another directory and a conversation that has not
// begun. It reports whether a Claude ran, which is stopped and is to be started
// again.
func (s *Session) move(dir string) (running bool) {
	const elsewhere = "⏹️ *The session went to another directory before this was answered*"
	s.Lock()
	running = s.process.Phase == process.Starting || s.process.Phase == process.Idle
	s.words.Closed(s.host.Clock.Now())
	s.words.Dropped(s.host.Clock.Now())
	s.speech().showSoonLocked()
	agent := s.goneLocked(elsewhere)
	s.VoidLocked(func(p *desk.Prompt) bool { return p.Kind == desk.Worktree }, elsewhere)
	s.endGrantsLocked()
	s.about.Dir = dir
	s.process.Anew(uuid.NewString())
	s.inbox.Offers = true // the next Claude knows nothing of the thread
	if running {
		s.process.Phase = process.Starting
	}
	s.Unlock()
	s.speech().stopTyping()
	s.host.stop(agent)
	return running
}

// sessionDirs are where sessions work: those of this platform in memory, and all
// of which there is a record.
func (h slots) sessionDirs(ctx context.Context) ([]string, error) {
	var dirs []string
	for _, s := range h.all() {
		s.Lock()
		if s.process.Phase != process.Ended {
			dirs = append(dirs, s.about.Dir)
		}
		s.Unlock()
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
