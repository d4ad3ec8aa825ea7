package session

// unplaced is a session of which it is not decided where Claude works: its
// worktree is being made, or people are asked.
type unplaced struct {
	Branch string `json:"branch,omitempty"` // that was asked for
}

// setOut starts Claude, or first finds out where it works: also for a session
// that was paused, or whose ctpipe stopped, before that was decided. It is never
// begun in the repository because nobody remembers the question (FUN-05, FUN-06).
func (s *Session) setOut() {
	s.mu.Lock()
	where := s.unplaced
	s.mu.Unlock()
	switch {
	case where == nil:
		s.spawn(s.resumable())
	case where.Branch != "":
		s.branchFirst(where.Branch)
	default:
		s.whereFirst()
	}
}
