package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// errDamaged marks a database that SQLite cannot read, or that is not ours.
var errDamaged = errors.New("state database is damaged")

type role bool

const (
	writer role = false
	reader role = true
)

// readers bounds the connections that read; each costs about 100 kB.
const readers = 3

func connect(path string, as role) (*sql.DB, error) {
	query := url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)", "foreign_keys(1)"}}
	if as == reader {
		query.Set("mode", "ro")
		query.Add("_pragma", "query_only(1)")
	} else {
		query.Add("_pragma", "journal_mode(WAL)")
		query.Set("_txlock", "immediate")
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	if as == reader {
		db.SetMaxOpenConns(readers)
		db.SetMaxIdleConns(1)
	} else {
		db.SetMaxOpenConns(1)
	}
	return db, nil
}

// create makes a fresh database beside path and moves it into place whole: a
// crash leaves none or a good one, and an empty file is always damage.
func create(path string) (err error) {
	fresh := path + ".new"
	for _, leftover := range files(fresh) {
		if err := os.Remove(leftover); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove what an interrupted start left: %w", err)
		}
	}
	// SQLite gives its side files the mode of the database.
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := connect(fresh, writer)
	if err != nil {
		return err
	}
	ctx := context.Background()
	err = migrate(ctx, db)
	if err == nil {
		_, err = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("make a fresh database: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// openChecked verifies the database at path and opens it for writing.
func openChecked(path string) (*sql.DB, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file (%s)", path, info.Mode().Type())
	}
	if info.Mode().Perm() != 0o600 {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, fmt.Errorf("make the database private: %w", err)
		}
	}
	if err := verify(path, info.Size()); err != nil {
		return nil, err
	}
	db, err := connect(path, writer)
	if err != nil {
		return nil, err
	}
	if err := migrate(context.Background(), db); err != nil {
		return nil, errors.Join(damaged(err), db.Close())
	}
	return db, nil
}

// verify looks at every page without changing one: a writing connection would
// already convert, roll forward or truncate what ought to be kept as it is.
func verify(path string, size int64) error {
	head, err := readHeader(path)
	if err != nil {
		return err
	}
	switch {
	case head == nil:
		return fmt.Errorf("%w: it does not begin as an SQLite file does", errDamaged)
	case head.application != applicationID:
		return fmt.Errorf("%w: it is an SQLite file, but not ctpipe's", errDamaged)
	case size < head.bytes && !logged(path):
		// SQLite reads the missing part as zeros and may call that sound.
		return fmt.Errorf("%w: it has %d bytes and ought to have %d", errDamaged, size, head.bytes)
	}
	db, err := connect(path, reader)
	if err != nil {
		return err
	}
	defer db.Close()
	var result string
	if err := db.QueryRowContext(context.Background(), `PRAGMA quick_check(1)`).Scan(&result); err != nil {
		return damaged(err)
	}
	if result != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, result)
	}
	return nil
}

// logged reports whether the write-ahead log holds anything; then the database
// may be shorter than it says until SQLite has rolled it forward.
func logged(path string) bool {
	info, err := os.Lstat(path + "-wal")
	return err == nil && info.Size() > 0
}

// damaged marks err if SQLite says that the file itself is at fault.
func damaged(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch code := e.Code(); {
		case code&0xff == sqlite3.SQLITE_CORRUPT, code&0xff == sqlite3.SQLITE_NOTADB, code == sqlite3.SQLITE_IOERR_SHORT_READ:
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return err
}

// setAside renames the database and its side files; nothing is overwritten.
func setAside(path string, now time.Time) (kept string, err error) {
	base := path + ".corrupt-" + now.UTC().Format("20060102T150405Z")
	kept = base
	for n := 2; taken(kept); n++ {
		kept = fmt.Sprintf("%s-%d", base, n)
	}
	for i, from := range files(path) {
		if err := os.Rename(from, files(kept)[i]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("keep a damaged database aside: %w", err)
		}
	}
	return kept, syncDir(filepath.Dir(path))
}

func taken(path string) bool {
	for _, name := range files(path) {
		if _, err := os.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// files are the names SQLite uses for a database at path.
func files(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
