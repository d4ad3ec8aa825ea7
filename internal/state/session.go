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

// Session is what is kept of one session. Times are kept to the millisecond.
type Session struct {
	ID            pipeline.SessionID
	Platform      pipeline.PlatformID
	Thread        pipeline.ThreadID
	ClaudeSession string // the CLI's session id, for --resume
	Owner         pipeline.UserID
	Dir           string
	Model         string
	Mode          pipeline.Mode
	State         string // as pipeline.Session.State
	Created       time.Time
	LastActive    time.Time
	Ended         time.Time // zero while it lives; only EndSession sets it
	Turns         int
	Cost          float64         // US dollars
	Extra         json.RawMessage // what has no column of its own; nil or one JSON value
}

const sessionColumns = `id, platform, thread, claude_session, owner, dir, model, mode, state, created, last_active, ended, turns, cost, extra`

// SaveSession writes a live session, new or known. It returns ErrEnded, and
// writes nothing, once EndSession was called for this id, so that a late event
// cannot bring a session back. A second live session in one thread is an error.
func (s *Store) SaveSession(ctx context.Context, v Session) error {
	if v.ID == "" || v.Thread == "" {
		return fmt.Errorf("save session %q: it needs an id and a thread", v.ID)
	}
	return s.change(ctx, "save session "+string(v.ID), func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `
INSERT INTO sessions (id, platform, thread, claude_session, owner, dir, model, mode, state, created, last_active, turns, cost, extra)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, thread = excluded.thread, claude_session = excluded.claude_session,
	owner = excluded.owner, dir = excluded.dir, model = excluded.model, mode = excluded.mode, state = excluded.state,
	created = excluded.created, last_active = excluded.last_active, turns = excluded.turns, cost = excluded.cost, extra = excluded.extra
WHERE sessions.ended = 0`,
			v.ID, v.Platform, v.Thread, v.ClaudeSession, v.Owner, v.Dir, v.Model, v.Mode, v.State,
			millis(v.Created), millis(v.LastActive), v.Turns, v.Cost, string(v.Extra))
		if err != nil {
			return err
		}
		return hit(res, ErrEnded)
	})
}

// Session gives the live session of a thread, or ErrNotFound.
func (s *Store) Session(ctx context.Context, thread pipeline.ThreadID) (Session, error) {
	if err := s.wait(ctx); err != nil {
		return Session{}, err
	}
	row := s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE thread = ? AND ended = 0`, thread)
	v, err := scanSession(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, fmt.Errorf("session of thread %s: %w", thread, ErrNotFound)
	}
	if err != nil {
		return Session{}, fmt.Errorf("read session of thread %s: %w", thread, err)
	}
	return v, nil
}

// Sessions gives every live session, the one that was active last first.
func (s *Store) Sessions(ctx context.Context) ([]Session, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE ended = 0 ORDER BY last_active DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return collect(rows, "sessions", scanSession)
}

// EndSession marks a session as ended for good and drops its open prompts. To
// end it twice is no error; to end one that was never saved is ErrNotFound.
func (s *Store) EndSession(ctx context.Context, id pipeline.SessionID) error {
	return s.change(ctx, "end session "+string(id), func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE sessions SET ended = CASE ended WHEN 0 THEN ? ELSE ended END, state = 'ended' WHERE id = ?`,
			millis(s.now()), id)
		if err != nil {
			return err
		}
		if err := hit(res, ErrNotFound); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM prompts WHERE session = ?`, id)
		return err
	})
}

// PruneSessions forgets sessions that ended before the given time, and says
// how many. Until then their rows keep late writes out.
func (s *Store) PruneSessions(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.change(ctx, "prune sessions", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE ended > 0 AND ended < ?`, millis(before))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

func scanSession(scan func(...any) error) (v Session, err error) {
	var created, active, ended int64
	var extra string
	err = scan(&v.ID, &v.Platform, &v.Thread, &v.ClaudeSession, &v.Owner, &v.Dir, &v.Model, &v.Mode, &v.State,
		&created, &active, &ended, &v.Turns, &v.Cost, &extra)
	v.Created, v.LastActive, v.Ended, v.Extra = fromMillis(created), fromMillis(active), fromMillis(ended), raw(extra)
	return v, err
}

// live fails with ErrEnded if the session is known to have ended.
func live(ctx context.Context, tx *sql.Tx, id pipeline.SessionID) error {
	var ended int64
	err := tx.QueryRowContext(ctx, `SELECT ended FROM sessions WHERE id = ?`, id).Scan(&ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case ended != 0:
		return ErrEnded
	}
	return nil
}
