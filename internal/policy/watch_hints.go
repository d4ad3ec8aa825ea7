package policy

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// hints are the kernel's: one watch for each directory that exists.
type hints struct {
	log     *slog.Logger
	off     bool
	told    bool // that there is no watcher
	fs      *fsnotify.Watcher
	watched map[string]os.FileInfo
	c       chan struct{}
	done    chan struct{}
}

func newHints(log *slog.Logger, off bool) *hints {
	if log == nil {
		log = slog.Default()
	}
	return &hints{log: log, off: off, c: make(chan struct{}, 1)}
}

// C has room for one hint; more are one.
func (h *hints) C() <-chan struct{} { return h.c }

// follow makes the watched directories those of paths. One that was replaced
// has another inode, and its old watch is worth nothing.
func (h *hints) follow(paths []string) {
	if h.off || !h.open() {
		return
	}
	want := directories(paths)
	for dir := range h.watched {
		if !slices.Contains(want, dir) {
			h.drop(dir)
		}
	}
	for _, dir := range want {
		info, err := os.Stat(dir)
		old, have := h.watched[dir]
		if have && err == nil && os.SameFile(old, info) && slices.Contains(h.fs.WatchList(), dir) {
			continue
		}
		h.drop(dir)
		if err != nil {
			continue // missing for now; the poll looks again
		}
		if err := h.fs.Add(dir); err != nil {
			h.log.Warn("directory not watched, only polled", "dir", dir, "err", err)
			continue
		}
		h.watched[dir] = info
	}
}

func (h *hints) drop(dir string) {
	if _, have := h.watched[dir]; have {
		_ = h.fs.Remove(dir) // the kernel may have dropped it already
		delete(h.watched, dir)
	}
}

// open makes the kernel's watcher, of which there are few per user.
func (h *hints) open() bool {
	if h.fs != nil {
		return true
	}
	fs, err := fsnotify.NewBufferedWatcher(64)
	if err != nil {
		if !h.told {
			h.log.Warn("files are only polled, every 2 s", "err", err)
			h.told = true
		}
		return false
	}
	h.fs, h.watched, h.done = fs, map[string]os.FileInfo{}, make(chan struct{})
	go h.pass(fs, h.done)
	return true
}

// pass turns events into hints, and drops those that are about attributes.
func (h *hints) pass(fs *fsnotify.Watcher, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case e, ok := <-fs.Events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod {
				continue
			}
		case err, ok := <-fs.Errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				h.log.Warn("watch files", "err", err)
			}
		}
		select {
		case h.c <- struct{}{}:
		default:
		}
	}
}

func (h *hints) close() {
	if h.fs != nil {
		_ = h.fs.Close()
		<-h.done
	}
}

// directories of paths: of a file its own and, through links, its target's; of
// a directory itself and the one it stands in, which tells of its replacement.
func directories(paths []string) []string {
	var dirs []string
	for _, p := range paths {
		dirs = append(dirs, filepath.Dir(p))
		if real, err := filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			dirs = append(dirs, filepath.Clean(p))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
