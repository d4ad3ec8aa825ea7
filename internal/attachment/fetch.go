package attachment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Head is the first line of what Claude is told about attachments.
const Head = "[Attached files from chat — saved to disk, use Read or move/copy as needed:]"

// Fetched is what became of a message's attachments. The zero value is of a
// fetch that came to nothing at all.
type Fetched struct {
	Folder string         // where they are, "" if there is no folder
	Told   string         // what Claude is told of those that are there, "" if none is
	Images []claude.Image // those that the model is shown
	// Failed says to people which could not be had and why, one a line; "" if
	// all could.
	Failed string
}

// Fetch saves the attachments of one message of a session. It may take minutes:
// it waits for a place if many are fetched.
func (s *Store) Fetch(ctx context.Context, id pipeline.SessionID, files []pipeline.File) Fetched {
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-ctx.Done():
	}
	dir, err := s.open(id)
	if err != nil {
		return s.none(id, files, err)
	}
	defer dir.Close()
	return s.fetchInto(ctx, dir, id, files)
}

// fetchInto saves attachments in a folder.
func (s *Store) fetchInto(ctx context.Context, dir *os.Root, id pipeline.SessionID, files []pipeline.File) Fetched {
	out := Fetched{Folder: dir.Name()}
	var lines, failed []string
	room := inlineMost
	for _, f := range files {
		got, err := s.save(ctx, dir, f)
		if err != nil {
			failed = append(failed, s.failure(id, f, err))
			continue
		}
		lines = append(lines, got.line())
		if i, ok := got.image(); ok && len(i.Data) <= room && len(out.Images) < imagesMost {
			out.Images, room = append(out.Images, i), room-len(i.Data)
		}
	}
	if len(lines) > 0 {
		out.Told = Head + "\n" + strings.Join(lines, "\n")
	}
	out.Failed = strings.Join(failed, "\n")
	return out
}

// none says of each attachment that there is no folder for it.
func (s *Store) none(id pipeline.SessionID, files []pipeline.File, err error) Fetched {
	var failed []string
	for _, f := range files {
		failed = append(failed, s.failure(id, f, err))
	}
	return Fetched{Failed: strings.Join(failed, "\n")}
}

// failure says to people, and to the log, that a file could not be had.
func (s *Store) failure(id pipeline.SessionID, f pipeline.File, err error) string {
	s.Log.Warn("an attachment cannot be processed", "session", id, "file", f.ID, "err", err)
	return "- " + markdown.CodeSpan(fileName(f.Name)) + ": " + trouble(err, s.limit())
}

// trouble says to people why a file could not be had; most is the size that one
// may have.
func trouble(err error, most int64) string {
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
