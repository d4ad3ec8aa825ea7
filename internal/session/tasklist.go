package session

import (
	"time"

	"ctpipe/internal/display"
)

// listBlock is the block of the task list: there is one, in a post of its own.
const listBlock = "tasks"

// taskList is the session's task list and where the thread has it. The
// session's lock guards it.
type taskList struct {
	display.Tasks
	key string // of its post, "" while it has none
	low bool   // somebody has written below it
}

func (s *Session) listPiece(now time.Time) piece {
	return piece{block: listBlock, what: "tasks", text: s.list.Markdown(now) + "\n"}
}

// listAgain brings a list that is not done to the bottom again; the lock is held.
func (s *Session) listAgain() []piece {
	if s.list.key == "" {
		return nil
	}
	return []piece{s.listPiece(s.host.Clock.Now())}
}

// placeList edits the list's post, or makes it anew where the thread has gone
// on below it. A list that is done stays where it is. The lock is held.
func (s *Session) placeList(text string) {
	l := &s.list
	if l.key != "" && (text == "" || !l.Done() && (l.low || !s.out.newest(l.key))) {
		s.out.Remove(l.key)
		l.key = ""
	}
	if text == "" {
		return
	}
	if l.key == "" {
		l.key = s.key("tasks")
	}
	s.out.Put(l.key, Draft{Text: s.host.fit(text), Props: props("tasks")})
	l.low = false
	if l.Done() {
		s.out.Seal(l.key)
		l.key = ""
	}
}
