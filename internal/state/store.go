package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrEnded says that the record's session has ended, and that nothing
	// about it is written any more.
	ErrEnded = errors.New("session has ended")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("state is closed")
)

// dbName is the database's file in the state directory.
const dbName = "state.db"

// A Store is an open state directory. It is safe for concurrent use.
type Store struct {
	dir    string
	lock   *flock.Flock
	now    func() time.Time
	log    *slog.Logger
	opened chan struct{} // closed when the fields below are set for good

	write *sql.DB // one connection
	read  *sql.DB
	err   error // why there is no database
	notes []string

	closing sync.Once
	closed  chan struct{}
}

// Option changes how Open works.
type Option func(*Store)

// WithLog sets where the background part of Open reports; the default is slog's.
func WithLog(log *slog.Logger) Option { return func(s *Store) { s.log = log } }

// Open claims the state directory dir, which it makes if it is missing: mode
// 0700, owned by this user, not a link, one lock. It fails with ErrLocked,
// naming directory and pid, while another ctpipe has it, and with
// ErrNewerSchema where a newer ctpipe wrote it. The database itself opens in
// the background; Ready waits for it.
func Open(dir string, opts ...Option) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("state directory %q: %w", dir, err)
	}
	s := &Store{dir: dir, now: time.Now, log: slog.Default(), opened: make(chan struct{}), closed: make(chan struct{})}
	for _, opt := range opts {
		opt(s)
	}
	note, err := claimDir(dir)
	if err != nil {
		return nil, err
	}
	if note != "" {
		s.notes = append(s.notes, note)
	}
	if s.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if err := peekSchema(s.path(dbName)); err != nil {
		return nil, errors.Join(err, s.lock.Unlock())
	}
	go s.openDB()
	return s, nil
}

// Dir is the state directory's absolute path.
func (s *Store) Dir() string { return s.dir }

// path is the path of a file or folder in the state directory.
func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// Ready waits until the database is open. notes are sentences for the operator:
// a directory that was tightened, a damaged database that was kept aside.
func (s *Store) Ready(ctx context.Context) (notes []string, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.notes, nil
}

func (s *Store) wait(ctx context.Context) error {
	select {
	case <-s.closed:
		return ErrClosed
	default:
	}
	select {
	case <-s.opened:
		return s.err
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("wait for the state database: %w", ctx.Err())
	}
}

// Close waits for the database to be open or refused, closes it and drops the
// lock. Methods called afterwards return ErrClosed.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		<-s.opened
		for _, db := range []*sql.DB{s.read, s.write} {
			if db != nil {
				err = errors.Join(err, db.Close())
			}
		}
		err = errors.Join(err, s.lock.Unlock())
	})
	if err != nil {
		return fmt.Errorf("close state: %w", err)
	}
	return nil
}

func (s *Store) openDB() {
	defer close(s.opened)
	write, note, err := s.openWriter()
	if note != "" {
		s.notes = append(s.notes, note)
		s.log.Warn("state database replaced", "note", note)
	}
	if err != nil {
		s.err = fmt.Errorf("open state database %s: %w", s.path(dbName), err)
		s.log.Error("state database not open", "err", s.err)
		return
	}
	read, err := connect(s.path(dbName), reader)
	if err != nil {
		s.err = errors.Join(fmt.Errorf("open state database %s for reading: %w", s.path(dbName), err), write.Close())
		return
	}
	s.write, s.read = write, read
}

// openWriter opens the database for writing, makes it where there is none, and
// makes a fresh one where the old is damaged, which it keeps aside.
func (s *Store) openWriter() (db *sql.DB, note string, err error) {
	path := s.path(dbName)
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		if note, err = s.setAsideOrphans(path); err != nil {
			return nil, "", err
		}
		if err := create(path); err != nil {
			return nil, note, err
		}
	}
	db, err = openChecked(path)
	if err == nil || !errors.Is(err, errDamaged) {
		return db, note, err
	}
	kept, moveErr := setAside(path, s.now())
	if moveErr != nil {
		return nil, "", errors.Join(err, moveErr)
	}
	note = fmt.Sprintf("%v; it is kept as %s, and ctpipe goes on with an empty one", err, kept)
	if err := create(path); err != nil {
		return nil, note, err
	}
	db, err = openChecked(path)
	return db, note, err
}

// setAsideOrphans moves a write-ahead log away whose database is gone: SQLite
// would delete it.
func (s *Store) setAsideOrphans(path string) (note string, err error) {
	if _, err := os.Lstat(path + "-wal"); err != nil {
		return "", nil
	}
	kept, err := setAside(path, s.now())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is gone but its write-ahead log is not; the log is kept as %s-wal", path, kept), nil
}
