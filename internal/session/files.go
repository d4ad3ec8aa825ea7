package session

import (
	"context"

	"ctpipe/internal/attachment"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// newAttachments makes the store of a host's attachments, under the policy in
// force.
func newAttachments(h *Host) *attachment.Store {
	return attachment.New(attachment.Config{Chat: h.Chat, Dir: h.Files, Clock: h.Clock, Log: h.Log,
		Limit: func() int64 { return h.settings().MaxFile }})
}

// beside runs what waits for the network, or for git, beside the lanes. A panic
// in it is this session's alone, and otherwise is then called. It reports false,
// and runs nothing, where ctpipe is stopping.
func (s *Session) beside(what string, do, otherwise func()) bool {
	h := s.host
	if !h.begin() {
		return false // what is not delivered is said when the session pauses
	}
	go func() {
		defer h.agents.Done()
		defer s.Contain(what, otherwise)
		do()
	}()
	return true
}

// fetch saves the attachments of a message and lets it go on.
func (s mail) fetch(id string, files []pipeline.File) {
	s.fetched(id, s.host.attachments.Fetch(s.host.starts, s.id, files))
}

// fetched lets a message go on with the attachments that could be had, and
// says which could not.
func (s mail) fetched(id string, got attachment.Fetched) {
	if got.Told == "" && got.Failed == "" {
		got.Failed = "- something is wrong inside ctpipe; its log says more"
	}
	s.Lock()
	over := s.process.Phase == process.Ended
	if got.Folder != "" {
		s.hands.files = got.Folder
	}
	nothing := s.inbox.Fetched(id, got.Told, got.Images, got.Failed != "")
	s.Unlock()
	if over {
		s.host.attachments.Drop(s.id)
		return
	}
	if got.Failed != "" {
		text := "⚠️ **Some files could not be processed:**\n" + got.Failed
		if nothing {
			text += "\n\nThere was nothing else in the message, so Claude did not get it."
		}
		s.Notice(text)
	}
	s.ready()
}

// sweepFiles removes what a killed ctpipe left of sessions that have no record.
func (h *Host) sweepFiles(ctx context.Context) {
	h.attachments.Sweep(ctx, func(ctx context.Context) (ids []pipeline.SessionID, err error) {
		records, err := h.Store.Sessions(ctx)
		for _, v := range records {
			ids = append(ids, v.ID)
		}
		return ids, err
	})
}
