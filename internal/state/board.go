package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ctpipe/pipeline"
)

// Board is the post that lists a platform's sessions in their channel, so that
// a restart, or a crash while it is made, leaves no second one.
type Board struct {
	Post   pipeline.PostID `json:"post,omitempty"`  // "" while it is being made
	Making time.Time       `json:"making,omitzero"` // when its making began
}

func boardKey(p pipeline.PlatformID) string { return "board " + string(p) }

// SaveBoard remembers the board of a platform.
func (s *Store) SaveBoard(ctx context.Context, p pipeline.PlatformID, v Board) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("save the board of %s: %w", p, err)
	}
	return s.change(ctx, "save the board of "+string(p), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)`, boardKey(p), b)
		return err
	})
}

// Board gives the board of a platform, or ErrNotFound.
func (s *Store) Board(ctx context.Context, p pipeline.PlatformID) (v Board, err error) {
	if err := s.wait(ctx); err != nil {
		return v, err
	}
	var b []byte
	err = s.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, boardKey(p)).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fmt.Errorf("board of %s: %w", p, ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		return Board{}, fmt.Errorf("read the board of %s: %w", p, err)
	}
	return v, nil
}
