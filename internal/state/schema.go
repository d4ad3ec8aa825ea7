package state

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// ErrNewerSchema says that a newer ctpipe wrote the database. It is left as it
// is: an older program must not guess what it means.
var ErrNewerSchema = errors.New("state was written by a newer ctpipe")

// applicationID marks the file as ctpipe's in SQLite's header ("ctpi").
const applicationID = 0x63747069

// migrations bring the schema from version i to i+1; PRAGMA user_version
// counts them. One that was released is never edited, only followed.
var migrations = []string{
	`
CREATE TABLE sessions (
	id             TEXT PRIMARY KEY,
	platform       TEXT NOT NULL DEFAULT '',
	thread         TEXT NOT NULL,
	claude_session TEXT NOT NULL DEFAULT '',
	owner          TEXT NOT NULL DEFAULT '',
	dir            TEXT NOT NULL DEFAULT '',
	model          TEXT NOT NULL DEFAULT '',
	mode           TEXT NOT NULL DEFAULT '',
	state          TEXT NOT NULL DEFAULT '',
	created        INTEGER NOT NULL DEFAULT 0,
	last_active    INTEGER NOT NULL DEFAULT 0,
	ended          INTEGER NOT NULL DEFAULT 0,
	turns          INTEGER NOT NULL DEFAULT 0,
	cost           REAL NOT NULL DEFAULT 0,
	extra          TEXT NOT NULL DEFAULT '' CHECK (extra = '' OR json_valid(extra))
) STRICT;
CREATE UNIQUE INDEX one_live_session_per_thread ON sessions (thread) WHERE ended = 0;

CREATE TABLE invited (
	session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	user    TEXT NOT NULL,
	by      TEXT NOT NULL DEFAULT '',
	at      INTEGER NOT NULL,
	PRIMARY KEY (session, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE prompts (
	session  TEXT NOT NULL,
	request  TEXT NOT NULL,
	tool_use TEXT NOT NULL DEFAULT '',
	hash     TEXT NOT NULL DEFAULT '',
	deadline INTEGER NOT NULL DEFAULT 0,
	post     TEXT NOT NULL DEFAULT '',
	data     TEXT NOT NULL DEFAULT '' CHECK (data = '' OR json_valid(data)),
	PRIMARY KEY (session, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE canaries (
	fingerprint TEXT PRIMARY KEY,
	path        TEXT NOT NULL,
	size        INTEGER NOT NULL,
	mtime       INTEGER NOT NULL,
	version     TEXT NOT NULL,
	passed      INTEGER NOT NULL,
	detail      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE hook_store (
	hook    TEXT NOT NULL,
	key     TEXT NOT NULL,
	value   TEXT NOT NULL CHECK (json_valid(value)),
	expires INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (hook, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_store_expiry ON hook_store (expires) WHERE expires <> 0;
`,
}

// migrate brings an open database up to date, each version in a transaction of
// its own.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return newer(version)
	}
	for ; version < len(migrations); version++ {
		if err := step(ctx, db, version); err != nil {
			return fmt.Errorf("migrate schema %d to %d: %w", version, version+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, version int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
		return err
	}
	// PRAGMA takes no parameters; both numbers are our own.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = %d`, version+1, applicationID)); err != nil {
		return err
	}
	return tx.Commit()
}

func newer(version int) error {
	return fmt.Errorf("%w: its schema is version %d, this ctpipe knows %d; start the newer ctpipe, or give this one a directory of its own with -state", ErrNewerSchema, version, len(migrations))
}

// header is what ctpipe reads of a database file before SQLite does.
type header struct {
	schema, application int
	bytes               int64 // the size the file ought to have at least
}

// readHeader reads page size, page count, user_version and application_id, all
// big endian (offsets 16, 28, 60, 68 of https://www.sqlite.org/fileformat2.html).
// It gives nil for what is not an SQLite file.
func readHeader(path string) (*header, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a symbolic link; ctpipe does not follow it", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b [100]byte
	switch _, err := io.ReadFull(f, b[:]); {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, nil
	case err != nil:
		return nil, err
	case string(b[:16]) != "SQLite format 3\x00":
		return nil, nil
	}
	page := int64(binary.BigEndian.Uint16(b[16:]))
	if page == 1 { // how 65536 is written
		page = 1 << 16
	}
	number := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	return &header{schema: number(60), application: number(68), bytes: page * int64(number(28))}, nil
}

// peekSchema refuses a newer schema at once and not from the background, and a
// database that is a link. Everything else is left to verify.
func peekSchema(path string) error {
	head, err := readHeader(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open state database: %w", err)
	}
	if head != nil && head.application == applicationID && head.schema > len(migrations) {
		return newer(head.schema)
	}
	return nil
}
