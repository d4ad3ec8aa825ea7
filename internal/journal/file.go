package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// file is what the writer needs of *os.File.
type file interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Stat() (fs.FileInfo, error)
	Close() error
}

// name is a journal file's name, taken apart.
type name struct {
	day    string // 2006-01-02
	number int
}

func (n name) String() string { return fmt.Sprintf("%s.%03d.jsonl", n.day, n.number) }

func parseName(s string) (name, bool) {
	stem, ok := strings.CutSuffix(s, ".jsonl")
	day, number, ok2 := strings.Cut(stem, ".")
	n, err := strconv.Atoi(number)
	if _, badDay := time.Parse(time.DateOnly, day); !ok || !ok2 || err != nil || badDay != nil {
		return name{}, false
	}
	parsed := name{day, n}
	return parsed, parsed.String() == s
}

// list gives the journal files of a directory, oldest first.
func list(dir string) ([]name, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	var names []name
	for _, e := range entries {
		if n, ok := parseName(e.Name()); ok && e.Type().IsRegular() {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.number, b.number))
	})
	return names, nil
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make journal directory: %w", err)
	}
	d, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("journal directory %s must be a directory and no link: %w", dir, err)
	}
	return errors.Join(d.Chmod(0o700), d.Close())
}

// openFile opens a journal file for appending and follows no link. fresh
// demands that it is not there yet.
func openFile(path string, fresh bool) (file, error) {
	flags := os.O_WRONLY | os.O_APPEND | syscall.O_NOFOLLOW
	if fresh {
		flags |= os.O_CREATE | os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err == nil && info.Mode().Perm() != 0o600 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// segment is the file that is written now. It belongs to the writer's goroutine.
type segment struct {
	dir  string
	max  int64
	keep time.Duration
	open func(string, bool) (file, error)

	f    file
	name name
	size int64 // bytes known to be whole lines
}

// write appends b, whole lines, and makes it durable if sync is set. After an
// error nothing of b counts as written.
func (s *segment) write(b []byte, sync bool, now time.Time, log *slog.Logger) error {
	if err := s.ready(int64(len(b)), now, log); err != nil {
		return err
	}
	_, err := s.f.Write(b)
	if err == nil && sync {
		if err = s.f.Sync(); err != nil {
			// The kernel may have dropped the pages and would call the next
			// fsync a success: what comes goes to another file.
			return errors.Join(err, s.close())
		}
	}
	if err != nil {
		if back := s.f.Truncate(s.size); back != nil {
			err = errors.Join(err, back, s.close())
		}
		return err
	}
	s.size += int64(len(b))
	return nil
}

// ready sees to it that a file is open with room for n bytes, and of this day.
func (s *segment) ready(n int64, now time.Time, log *slog.Logger) error {
	day := now.UTC().Format(time.DateOnly)
	if s.f != nil && s.name.day == day && (s.size == 0 || s.size+n <= s.max) && s.linked() {
		return nil
	}
	first := s.name == name{}
	if err := s.close(); err != nil {
		return err
	}
	last, err := s.newest(day)
	if err != nil {
		return err
	}
	if first && last.number > 0 && s.resume(last, n) {
		return nil
	}
	next := name{day, last.number + 1}
	f, err := s.open(filepath.Join(s.dir, next.String()), true)
	if err != nil {
		return err
	}
	s.f, s.name, s.size = f, next, 0
	s.age(now, log)
	return syncDir(s.dir)
}

// resume goes on with a file of an earlier start if it ends in a whole line
// and has room. A torn line stays the last of its file.
func (s *segment) resume(last name, n int64) bool {
	path := filepath.Join(s.dir, last.String())
	size, whole := endsWhole(path)
	if !whole || size+n > s.max {
		return false
	}
	f, err := s.open(path, false)
	if err != nil {
		return false
	}
	s.f, s.name, s.size = f, last, size
	return true
}

// linked reports whether the open file still has its name; one that somebody
// removed would swallow what is written.
func (s *segment) linked() bool {
	info, err := s.f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || st.Nlink > 0
}

func (s *segment) newest(day string) (name, error) {
	names, err := list(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeDir(s.dir)
	}
	last := name{day: day}
	for _, n := range names {
		if n.day == day {
			last = n
		}
	}
	return last, err
}

func (s *segment) close() error {
	if s.f == nil {
		return nil
	}
	err := errors.Join(s.f.Sync(), s.f.Close())
	s.f = nil
	return err
}

// age removes the files of days that ended more than keep ago.
func (s *segment) age(now time.Time, log *slog.Logger) {
	if s.keep <= 0 {
		return
	}
	names, err := list(s.dir)
	if err != nil {
		log.Warn("journal not aged", "err", err)
		return
	}
	for _, n := range names {
		day, err := time.Parse(time.DateOnly, n.day)
		if err != nil || now.Sub(day.AddDate(0, 0, 1)) <= s.keep {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, n.String())); err != nil {
			log.Warn("journal not aged", "file", n.String(), "err", err)
		}
	}
}

// endsWhole gives the size of a file, and whether it is empty or ends in a
// line feed.
func endsWhole(path string) (size int64, whole bool) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, false
	}
	if size = info.Size(); size == 0 {
		return 0, true
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], size-1)
	return size, err == nil && last[0] == '\n'
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
