package session

import (
	"ctpipe/internal/display"
	"ctpipe/pipeline"
)

// toggleList folds the list to one line, or unfolds it, because somebody
// reacted on its post, or took the reaction back.
func (s speech) toggleList(on pipeline.PostID) {
	own, known := s.host.posts.Of(on)
	s.Lock()
	key, changed := s.words.ToggleList(on, known && own.IsList(), s.host.Clock.Now())
	if key != "" {
		s.Out.Adopt(key, on)
	}
	s.showSoonLocked()
	s.Unlock()
	if changed {
		s.record().save()
	}
}

// takeList goes on with the list and its post from before a restart; the lock is
// not needed yet.
func (s speech) takeList(tasks display.Tasks, post pipeline.PostID) {
	key := ""
	if !tasks.Done() {
		key = s.record().adopt("tasks", post)
	}
	s.words.TakeList(tasks, key, post)
}

// listPosted notes which post the list has, so that it is found again after a
// restart.
func (s speech) listPosted(key string, id pipeline.PostID) {
	s.Lock()
	mine := s.words.ListPosted(key, id)
	s.Unlock()
	if mine {
		s.record().save()
	}
}
