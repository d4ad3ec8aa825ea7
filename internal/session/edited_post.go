package session

import (
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// editMark is the emoji under a post that was edited after Claude got it.
const editMark = "pencil2"

// editNote says once per session what an edit does not do.
const editNote = "✏️ Edits are not seen by Claude: it has the message as it was when it was sent. Write again to correct it."

// receiveEdited marks a post whose edit changes nothing any more, and says so
// once per session.
func (h ears) receiveEdited(p mattermost.Post) {
	if p.UserID == h.Me.ID {
		if own, ok := h.posts.Of(pipeline.PostID(p.ID)); ok {
			h.thread(own.Root).CardTampered(p)
		}
		return
	}
	if p.ChannelID != h.Channel.ID || p.System() || !h.delivered.Edited(p) {
		return
	}
	root := pipeline.PostID(p.RootOrSelf())
	h.thread(root).Out.React(pipeline.PostID(p.ID), editMark)
	s := h.session(h.threadID(root))
	if s == nil {
		return
	}
	s.Lock()
	first := !s.inbox.EditTold
	s.inbox.EditTold = true
	s.Unlock()
	if first {
		s.Notice(editNote)
	}
}
