package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"ctpipe/pipeline"
)

// errFull says that a session's attachments take up all that they may.
var errFull = errors.New("the session's attachments take up all that they may")

// errNoFolder says that there is no directory for attachments.
var errNoFolder = errors.New("there is no folder for attachments")

const (
	nameBytes = 120 // of a saved file's name, so that no file system refuses it
	sameMost  = 1000
	// folderMost is how many attachments of the largest size a session may have.
	folderMost = 40
)

// saved is an attachment on disk.
type saved struct {
	path    string
	size    int64
	told    string // the type that the chat server names
	sniffed string // the type of a picture, by its content
	head    []byte // the whole content, where it is small enough to be shown inline
}

// folder opens the session's folder for attachments. It is ours alone (0700),
// and nothing that is done through it leaves it, through links neither (SEC-19).
func (s *Session) folder() (*os.Root, error) {
	dir := s.filesDir()
	if dir == "" {
		return nil, errNoFolder
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFolder, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFolder, err)
	}
	s.mu.Lock()
	s.hands.files = dir
	s.mu.Unlock()
	return root, nil
}

// filesDir is where the session's attachments are, "" if they are kept nowhere.
func (s *Session) filesDir() string { return s.host.filesDir(s.id) }

func (h *Host) filesDir(id pipeline.SessionID) string {
	if h.Files == "" || !ownID(string(id)) {
		return ""
	}
	return filepath.Join(h.Files, string(id), "files")
}

// ownID reports an id that can be a folder's name.
func ownID(id string) bool {
	return id != "" && strings.Trim(id, ".") != "" && !strings.ContainsAny(id, "/\\\x00")
}

// dropFiles removes the attachments of a session that has ended for good.
func (s *Session) dropFiles() { s.host.dropFiles(s.id) }

func (h *Host) dropFiles(id pipeline.SessionID) {
	dir := h.filesDir(id)
	if dir == "" {
		return
	}
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		h.Log.Warn("a session's attachments are not removed", "session", id, "err", err)
	}
}

// leftFor is how old a folder must be to count as left behind: a session that
// has just begun has no record yet.
const leftFor = time.Hour

// sweepFiles removes the attachments of sessions that have ended while nobody
// could: ctpipe was killed in between. What has a record stays.
func (h *Host) sweepFiles(ctx context.Context) {
	left, err := os.ReadDir(h.Files)
	if err != nil {
		return // there is none, as a rule
	}
	records, err := h.Store.Sessions(ctx)
	if err != nil {
		h.Log.Warn("attachments that were left behind are not removed", "err", err)
		return
	}
	alive := map[pipeline.SessionID]bool{}
	for _, v := range records {
		alive[v.ID] = true
	}
	for _, e := range left {
		info, err := e.Info()
		if err == nil && e.IsDir() && !alive[pipeline.SessionID(e.Name())] && h.Clock.Now().Sub(info.ModTime()) > leftFor {
			h.dropFiles(pipeline.SessionID(e.Name()))
		}
	}
}

// keepsFiles notes the folder of a session that is read from its record.
func (s *Session) keepsFiles() {
	if dir := s.filesDir(); dir != "" {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			s.hands.files = dir
		}
	}
}

// save writes one attachment into the folder, under a name of its own. The file
// is opened once: what is counted, looked at and shown is what was written
// (SEC-21).
func (h *Host) save(ctx context.Context, dir *os.Root, f pipeline.File) (got saved, err error) {
	if err := ctx.Err(); err != nil {
		return saved{}, err
	}
	if used, err := usedBy(dir); err != nil || used >= folderMost*h.maxFile() {
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
	n, err := h.Chat.DownloadFile(ctx, f.ID, out, h.maxFile())
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

// create makes a new file: image.png, else image-2.png and so on. What stands
// there already, a link too, is never opened.
func create(dir *os.Root, name string) (*os.File, string, error) {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	try := name
	for i := 2; ; i++ {
		f, err := dir.OpenFile(try, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil || !errors.Is(err, fs.ErrExist) || i > sameMost {
			return f, try, err
		}
		try = fmt.Sprintf("%s-%d%s", stem, i, ext)
	}
}

// fileName is what an attachment is called on disk: the last part of its name,
// without control or hidden characters, never a dot file (F3, SEC-19, SEC-20).
func fileName(name string) string {
	name = stripped(name)
	if i := strings.LastIndexAny(name, "/\\\n"); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r == '\t' || strings.ContainsRune("`<>|:*?\"[]()", r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, " .-~"), " .")
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > nameBytes {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	if name = stem + ext; name == "" || stem == "" {
		name = "file" + ext
	}
	return name
}

// dirError keeps an error for the next file only where there is no folder.
func dirError(dir *os.Root, err error) error {
	if dir == nil {
		return err
	}
	return nil
}
