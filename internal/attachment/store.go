// Package attachment keeps what comes with a chat post: each session's files in
// a folder of its own, what of them is shown to the model as pictures, and the
// words that tell Claude and people of them.
package attachment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

const (
	lookupWait = 10 * time.Second
	// fetchWait is how long the attachments of one message may take.
	fetchWait = 3 * time.Minute
	// fetchesMost is how many messages' attachments are fetched at a time.
	fetchesMost = 4
	// limitStandard is the size of an attachment where no policy says one.
	limitStandard = 25 << 20
	// folderMost is how many attachments of the largest size a session may have.
	folderMost = 40
	// leftFor is how old a folder must be to count as left behind: a session that
	// has just begun has no record yet.
	leftFor = time.Hour
)

// errNoFolder says that there is no directory for attachments.
var errNoFolder = errors.New("there is no folder for attachments")

// Chat is what a Store asks of the chat server. *mattermost.Client is one.
type Chat interface {
	// DownloadFile writes a file and says how many bytes it has. One that has
	// more than limit is mattermost.ErrTooLarge.
	DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (int64, error)
	PostFiles(ctx context.Context, postID string) ([]mattermost.File, error)
}

// Config is what a Store is made of.
type Config struct {
	Chat  Chat
	Dir   string       // a folder for each session is made in it; "" keeps nothing
	Limit func() int64 // bytes of one attachment, under the policy in force; 0 is 25 MiB
	Clock clock.Clock
	Log   *slog.Logger
}

// Store keeps the attachments of sessions. All methods are safe for concurrent
// use.
type Store struct {
	Config
	places chan struct{} // one for each message whose attachments are fetched
}

// New makes a Store.
func New(c Config) *Store { return &Store{Config: c, places: make(chan struct{}, fetchesMost)} }

// limit is how large an attachment may be, in bytes.
func (s *Store) limit() int64 {
	if n := s.Limit(); n > 0 {
		return n
	}
	return limitStandard
}

// path is where a session's attachments are, "" if they are kept nowhere.
func (s *Store) path(id pipeline.SessionID) string {
	if s.Dir == "" || !ownName(string(id)) {
		return ""
	}
	return filepath.Join(s.Dir, string(id), "files")
}

// ownName reports an id that can be a folder's name.
func ownName(id string) bool {
	return id != "" && strings.Trim(id, ".") != "" && !strings.ContainsAny(id, "/\\\x00")
}

// Folder is where the attachments of a session are that has some, else "".
func (s *Store) Folder(id pipeline.SessionID) string {
	dir := s.path(id)
	if dir == "" {
		return ""
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

// open makes and opens a session's folder. It is ours alone, and nothing that is
// done through it leaves it, through links neither.
func (s *Store) open(id pipeline.SessionID) (*os.Root, error) {
	dir := s.path(id)
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
	return root, nil
}

// Drop removes the attachments of a session that has ended for good.
func (s *Store) Drop(id pipeline.SessionID) {
	dir := s.path(id)
	if dir == "" {
		return
	}
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		s.Log.Warn("a session's attachments are not removed", "session", id, "err", err)
	}
}

// Sweep removes the attachments of sessions that have ended while nobody could:
// ctpipe was killed in between. It keeps those of the sessions that alive names,
// and what is younger than an hour; where alive fails it keeps everything.
func (s *Store) Sweep(ctx context.Context, alive func(context.Context) ([]pipeline.SessionID, error)) {
	left, err := os.ReadDir(s.Dir)
	if err != nil {
		return // there is none, as a rule
	}
	ids, err := alive(ctx)
	if err != nil {
		s.Log.Warn("attachments that were left behind are not removed", "err", err)
		return
	}
	lives := map[pipeline.SessionID]bool{}
	for _, id := range ids {
		lives[id] = true
	}
	for _, e := range left {
		info, err := e.Info()
		if err == nil && e.IsDir() && !lives[pipeline.SessionID(e.Name())] && s.Clock.Now().Sub(info.ModTime()) > leftFor {
			s.Drop(pipeline.SessionID(e.Name()))
		}
	}
}
