package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Canary is a CLI binary that was proved to obey the gate.
type Canary struct {
	Fingerprint string // over all of the below that identifies the binary and the locks
	Path        string
	Size        int64     // bytes
	ModTime     time.Time // of the binary, to the nanosecond
	Version     string
	Passed      time.Time // zero: it did not pass, and Detail says why
	Detail      string
}

// SaveCanary writes the result for a fingerprint, in place of an older one.
func (s *Store) SaveCanary(ctx context.Context, v Canary) error {
	if v.Fingerprint == "" {
		return errors.New("save canary: it needs a fingerprint")
	}
	return s.change(ctx, "save canary of "+v.Path, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO canaries (fingerprint, path, size, mtime, version, passed, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			v.Fingerprint, v.Path, v.Size, v.ModTime.UnixNano(), v.Version, millis(v.Passed), v.Detail)
		return err
	})
}

// Canary gives the result for a fingerprint, or ErrNotFound.
func (s *Store) Canary(ctx context.Context, fingerprint string) (Canary, error) {
	if err := s.wait(ctx); err != nil {
		return Canary{}, err
	}
	v := Canary{Fingerprint: fingerprint}
	var mtime, passed int64
	err := s.read.QueryRowContext(ctx, `SELECT path, size, mtime, version, passed, detail FROM canaries WHERE fingerprint = ?`, fingerprint).
		Scan(&v.Path, &v.Size, &mtime, &v.Version, &passed, &v.Detail)
	if errors.Is(err, sql.ErrNoRows) {
		return Canary{}, fmt.Errorf("canary %s: %w", fingerprint, ErrNotFound)
	}
	if err != nil {
		return Canary{}, fmt.Errorf("read canary %s: %w", fingerprint, err)
	}
	v.ModTime, v.Passed = time.Unix(0, mtime).UTC(), fromMillis(passed)
	return v, nil
}
