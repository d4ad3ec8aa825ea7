package session

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

const (
	// fetchWait is how long the attachments of one message may take.
	fetchWait = 3 * time.Minute
	// fetchesMost is how many messages' attachments are fetched at a time.
	fetchesMost = 4
	// maxFileStandard is the size of an attachment where no policy says one.
	maxFileStandard = 25 << 20
)

// attachedHead is the first line of what Claude is told about attachments.
const attachedHead = "[Attached files from chat — saved to disk, use Read or move/copy as needed:]"

// filesOf describes the attachments of a post. Where the event came without
// their description the server is asked (NET-14); what it does not tell stays
// a file without a name.
func (h *Host) filesOf(ctx context.Context, p mattermost.Post) []pipeline.File {
	known := p.Metadata.Files
	if len(known) < len(p.FileIDs) {
		ctx, cancel := context.WithTimeout(ctx, lookupWait)
		defer cancel()
		if all, err := h.Chat.PostFiles(ctx, p.ID); err == nil {
			known = all
		} else {
			h.Log.Warn("the attachments of a post cannot be looked up", "post", p.ID, "err", err)
		}
	}
	byID := make(map[string]mattermost.File, len(known))
	for _, f := range known {
		byID[f.ID] = f
	}
	out := make([]pipeline.File, 0, len(p.FileIDs))
	for _, id := range p.FileIDs {
		f := byID[id]
		out = append(out, pipeline.File{ID: id, Name: f.Name, Size: f.Size, Mime: f.MimeType})
	}
	return out
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
		defer s.contain(what, otherwise)
		do()
	}()
	return true
}

// fetch saves the attachments of a message and lets it go on.
func (s *Session) fetch(id string, files []pipeline.File) {
	ctx, cancel := context.WithTimeout(s.host.starts, fetchWait)
	defer cancel()
	select {
	case s.host.fetches <- struct{}{}:
		defer func() { <-s.host.fetches }()
	case <-ctx.Done():
	}
	dir, err := s.folder()
	if err == nil {
		defer dir.Close()
	}
	var lines, failed []string
	var images []claude.Image
	room := inlineMost
	for _, f := range files {
		var got saved
		if err == nil {
			got, err = s.host.save(ctx, dir, f)
		}
		if err != nil {
			s.log.Warn("an attachment cannot be processed", "file", f.ID, "err", err)
			failed = append(failed, "- "+markdown.CodeSpan(fileName(f.Name))+": "+fetchTrouble(err, s.host.maxFile()))
			err = dirError(dir, err)
			continue
		}
		lines = append(lines, "- "+got.path+" ("+got.kind()+", "+display.Sized(got.size)+")")
		if i, ok := got.image(); ok && len(i.Data) <= room && len(images) < imagesMost {
			images, room = append(images, i), room-len(i.Data)
		}
	}
	s.fetched(id, lines, images, strings.Join(failed, "\n"))
}

// fetched lets a message go on with the attachments that could be had, and
// says which could not.
func (s *Session) fetched(id string, lines []string, images []claude.Image, failed string) {
	s.mu.Lock()
	over := s.process.Phase == ended
	text := ""
	if len(lines) > 0 {
		text = attachedHead + "\n" + strings.Join(lines, "\n")
	}
	if lines == nil && failed == "" {
		failed = "- something is wrong inside ctpipe; its log says more"
	}
	nothing := s.inbox.fetched(id, text, images, failed != "")
	s.mu.Unlock()
	if over {
		s.dropFiles()
		return
	}
	if failed != "" {
		text := "⚠️ **Some files could not be processed:**\n" + failed
		if nothing {
			text += "\n\nThere was nothing else in the message, so Claude did not get it."
		}
		s.notice(text)
	}
	s.ready()
}

// fetchTrouble says to people why a file could not be had.
func fetchTrouble(err error, most int64) string {
	switch {
	case errors.Is(err, mattermost.ErrTooLarge):
		return fmt.Sprintf("it is larger than %s (`[limits] max_file_mb`)", display.Sized(most))
	case errors.Is(err, context.DeadlineExceeded):
		return "the chat server took too long"
	case errors.Is(err, mattermost.ErrNotFound), errors.Is(err, mattermost.ErrForbidden):
		return "the chat server does not give it"
	case errors.Is(err, errFull):
		return fmt.Sprintf("this session's attachments take up %s already", display.Sized(folderMost*most))
	case errors.Is(err, errNoFolder):
		return "there is no place to save it; ctpipe's log says more"
	}
	return "it could not be fetched or saved; ctpipe's log says more"
}

// maxFile is how large an attachment may be, in bytes.
func (h *Host) maxFile() int64 {
	if n := h.settings().MaxFile; n > 0 {
		return n
	}
	return maxFileStandard
}

// kind is the type of a file as Claude is told: what the content says, else
// what the name says.
func (f saved) kind() string {
	if f.sniffed != "" {
		return f.sniffed
	}
	if kind, _, err := mime.ParseMediaType(stripped(f.told)); err == nil {
		return kind
	}
	return "application/octet-stream"
}
