package session

import "github.com/google/uuid"

// setOut starts Claude, or first finds out where it works: also for a session
// that was paused, or whose ctpipe stopped, before that was decided. It is never
// begun in the repository because nobody remembers the question.
func (s launcher) setOut() {
	s.Lock()
	pending := s.about.Pending
	s.Unlock()
	switch {
	case pending == nil:
		s.spawn(s.resumable())
	case pending.Branch != "":
		s.branchFirst(pending.Branch)
	default:
		s.whereFirst()
	}
}

// resumable reports that Claude has a conversation to take up.
func (s launcher) resumable() bool {
	s.Lock()
	defer s.Unlock()
	return s.process.Resumable(uuid.NewString())
}
