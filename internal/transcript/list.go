package transcript

import (
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// listBlock is the block of the task list: there is one, in a post of its own.
const listBlock = "tasks"

// FoldEmoji under the list folds and unfolds it.
const FoldEmoji = "arrow_down_small"

// list is the session's task list and where the thread has it.
type list struct {
	display.Tasks
	Key  string          `json:"key,omitempty"`  // of its post, "" while it has none
	Post pipeline.PostID `json:"post,omitempty"` // "" until it is there
	Low  bool            `json:"low,omitempty"`  // somebody has written below it
	Stay bool            `json:"stay,omitempty"` // its next text goes where it is: somebody folded it there

	DoneKey  string          `json:"done_key,omitempty"`  // of the post that says that all is done, since then
	DonePost pipeline.PostID `json:"done_post,omitempty"` // which post that is
}

func (l *list) update(now time.Time) Update {
	return Update{Block: listBlock, What: "tasks", Text: l.Markdown(now) + "\n"}
}

// ToggleList folds the list to one line, or unfolds it, because somebody reacted on
// its post, or took the reaction back. Reactions on an older list, or on another
// post, change nothing; isList says whether the post is known as a list's. Where
// adopt is no "", the outbox goes on with that post under this key.
func (t *Transcript) ToggleList(on pipeline.PostID, isList bool, now time.Time) (adopt string, changed bool) {
	l := &t.list
	if l.Key == "" && l.Done() && l.DonePost == on { // it is sealed: nothing but this changes it
		l.Key, l.Post = t.key(listBlock), on
		adopt = l.Key
	}
	if !isList || l.Key == "" || l.Post != "" && l.Post != on {
		return adopt, false
	}
	l.Toggle()
	l.Stay = true
	t.pending().note(now, l.update(now))
	return adopt, true
}

// TakeList goes on with a list from before a restart, in its post under a key; a
// list that is done keeps its post and has no key.
func (t *Transcript) TakeList(tasks display.Tasks, key string, post pipeline.PostID) {
	t.list.Tasks = tasks
	if tasks.Done() {
		t.list.DonePost = post
		return
	}
	t.list.Key, t.list.Post = key, post
}

// Tasks is the list as it outlives Claude's process.
func (t *Transcript) Tasks() display.Tasks { return t.list.Kept() }

// ListKey is the key of the list's post, "" while it has none.
func (t *Transcript) ListKey() string { return t.list.Key }

// ListPost is the post of the list, open or done, "" while there is none.
func (t *Transcript) ListPost() pipeline.PostID {
	if t.list.Key == "" && t.list.Done() {
		return t.list.DonePost
	}
	return t.list.Post
}

// ListPosted notes which post the list has, so that it is found again after a
// restart. It reports whether the key is the list's.
func (t *Transcript) ListPosted(key string, id pipeline.PostID) bool {
	switch key {
	case t.list.Key:
		t.list.Post = id
	case t.list.DoneKey:
		t.list.DonePost = id
	default:
		return false
	}
	return true
}

// listAgain brings a list that is not done to the bottom again.
func (t posts) listAgain(now time.Time) []Update {
	if t.list.Key == "" {
		return nil
	}
	return []Update{t.list.update(now)}
}

// placeList edits the list's post, or makes it anew where the thread has gone on
// below it. A list that is done stays where it is. Newest says that nothing was
// posted after it.
func (t posts) placeList(text string, newest bool) (changes []outbox.Change) {
	l := &t.list
	stay := l.Stay
	l.Stay = false
	below := !stay && !l.Done() && (l.Low || !newest)
	if l.Key != "" && (text == "" || below) {
		changes = append(changes, outbox.Change{Key: l.Key, Remove: true})
		l.Key, l.Post = "", ""
	}
	if text == "" {
		return changes
	}
	if l.Key == "" {
		l.Key = t.key(listBlock)
	}
	if t.conf.Fit != nil {
		text = t.conf.Fit(text)
	}
	changes = append(changes, outbox.Change{Key: l.Key, Seal: l.Done(),
		Put: &outbox.Draft{Text: text, Props: outbox.Props(listBlock), Seeds: []string{FoldEmoji}, Watched: true}})
	l.Low = l.Low && stay
	if l.Done() {
		l.DoneKey, l.DonePost = l.Key, l.Post
		l.Key, l.Post = "", ""
	}
	return changes
}
