package attachment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// errFull says that a session's attachments take up all that they may.
var errFull = errors.New("the session's attachments take up all that they may")

// saved is an attachment on disk.
type saved struct {
	path    string
	size    int64
	told    string // the type that the chat server names
	sniffed string // the type of a picture, by its content
	head    []byte // the whole content, where it is small enough to be shown inline
}

// line tells Claude of the file.
func (f saved) line() string {
	return "- " + f.path + " (" + f.kind() + ", " + display.Sized(f.size) + ")"
}

// kind is the type of a file as Claude is told: what the content says, else
// what the name says.
func (f saved) kind() string {
	if f.sniffed != "" {
		return f.sniffed
	}
	if kind, _, err := mime.ParseMediaType(markdown.Stripped(f.told)); err == nil {
		return kind
	}
	return "application/octet-stream"
}

// save writes one attachment into the folder, under a name of its own. The file
// is opened once: what is counted, looked at and shown is what was written.
func (s *Store) save(ctx context.Context, dir *os.Root, f pipeline.File) (got saved, err error) {
	if err := ctx.Err(); err != nil {
		return saved{}, err
	}
	if used, err := usedBy(dir); err != nil || used >= folderMost*s.limit() {
		return saved{}, errors.Join(errFull, err)
	}
	name := fileName(f.Name)
	out, name, err := create(dir, name)
	if err != nil {
		return saved{}, fmt.Errorf("saving attachment %s: %w", f.ID, err)
	}
	defer func() {
		if cerr := out.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("saving attachment %s: %w", f.ID, cerr)
		}
		if err != nil {
			_ = dir.Remove(name)
		}
	}()
	n, err := s.Chat.DownloadFile(ctx, f.ID, out, s.limit())
	if err != nil {
		return saved{}, fmt.Errorf("fetching attachment %s: %w", f.ID, err)
	}
	got = saved{path: filepath.Join(dir.Name(), name), size: n, told: f.Mime}
	if n <= imageBytes {
		head := make([]byte, n)
		if _, err := out.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return saved{}, fmt.Errorf("reading attachment %s back: %w", f.ID, err)
		}
		if got.sniffed = imageType(head); got.sniffed != "" {
			got.head = head
		}
	}
	return got, nil
}

// usedBy is how many bytes the files of a folder have. Nobody makes folders in
// there but Claude, and what it makes is its own affair.
func usedBy(dir *os.Root) (n int64, err error) {
	d, err := dir.Open(".")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
	}
	return n, err
}
