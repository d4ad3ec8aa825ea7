package session

import (
	"strings"
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// listBlock is the block of the task list: there is one, in a post of its own.
const listBlock = "tasks"

// taskList is the session's task list and where the thread has it. The
// session's lock guards it.
type taskList struct {
	display.Tasks
	key  string          // of its post, "" while it has none
	post pipeline.PostID // "" until it is there
	low  bool            // somebody has written below it
	stay bool            // its next text goes where it is: somebody folded it there

	doneKey string          // of the post that says that all is done, since then
	done    pipeline.PostID // which post that is
}

// foldEmoji under the list folds and unfolds it.
const foldEmoji = "arrow_down_small"

// toggleList folds the list to one line, or unfolds it, because somebody
// reacted on its post, or took the reaction back. Reactions on an older list, or
// on another post, change nothing.
func (s *Session) toggleList(on pipeline.PostID) {
	own, known := s.host.ownPost(on)
	s.mu.Lock()
	l := &s.list
	if l.key == "" && l.Done() && l.done == on { // it is sealed: nothing but this changes it
		l.key, l.post = s.newKey("tasks"), on
		s.out.Adopt(l.key, on)
	}
	if !known || !own.isList() || l.key == "" || l.post != "" && l.post != on {
		s.mu.Unlock()
		return
	}
	l.Toggle()
	l.stay = true
	again := s.listPiece(s.host.Clock.Now())
	s.mu.Unlock()
	s.show(again)
	s.save()
}

// isList reports a post of a task list.
func (o ours) isList() bool { return o.key == "tasks" || strings.HasPrefix(o.key, "tasks ") }

// takeList goes on with the list's post from before a restart; the lock is not
// needed yet.
func (s *Session) takeList(post pipeline.PostID) {
	if post == "" {
		return
	}
	if s.list.Done() {
		s.list.done = post
		return
	}
	s.list.key, s.list.post = s.adopt("tasks", post), post
}

// listPost is the post of the list, open or done; the lock is held.
func (s *Session) listPost() pipeline.PostID {
	if s.list.key == "" && s.list.Done() {
		return s.list.done
	}
	return s.list.post
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
	stay := l.stay
	l.stay = false
	below := !stay && !l.Done() && (l.low || !s.out.Newest(l.key))
	if l.key != "" && (text == "" || below) {
		s.out.Remove(l.key)
		l.key, l.post = "", ""
	}
	if text == "" {
		return
	}
	if l.key == "" {
		l.key = s.newKey("tasks")
	}
	s.out.Put(l.key, outbox.Draft{Text: s.host.fit(text), Props: outbox.Props("tasks"), Seeds: []string{foldEmoji}, Watched: true})
	l.low = l.low && stay
	if l.Done() {
		s.out.Seal(l.key)
		l.doneKey, l.done = l.key, l.post
		l.key, l.post = "", ""
	}
}

// listPosted notes which post the list has, so that it is found again after a
// restart.
func (s *Session) listPosted(key string, id pipeline.PostID) {
	s.mu.Lock()
	mine := true
	switch key {
	case s.list.key:
		s.list.post = id
	case s.list.doneKey:
		s.list.done = id
	default:
		mine = false
	}
	s.mu.Unlock()
	if mine {
		s.save()
	}
}
