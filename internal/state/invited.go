package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ctpipe/pipeline"
)

// Invited is a person who may talk in one session only.
type Invited struct {
	Session pipeline.SessionID
	User    pipeline.UserID
	By      pipeline.UserID // who invited them
	At      time.Time
}

// Invite writes an invitation; to invite somebody twice keeps the first. The
// session must have been saved, and ErrEnded says that it is over.
func (s *Store) Invite(ctx context.Context, v Invited) error {
	return s.change(ctx, fmt.Sprintf("invite %s to session %s", v.User, v.Session), func(tx *sql.Tx) error {
		if err := live(ctx, tx, v.Session); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO invited (session, user, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			v.Session, v.User, v.By, millis(v.At))
		return err
	})
}

// Uninvite takes an invitation back; one that is not there is no error.
func (s *Store) Uninvite(ctx context.Context, session pipeline.SessionID, user pipeline.UserID) error {
	return s.change(ctx, fmt.Sprintf("uninvite %s from session %s", user, session), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM invited WHERE session = ? AND user = ?`, session, user)
		return err
	})
}

// Invitations gives the people invited to a session, the first invited first.
func (s *Store) Invitations(ctx context.Context, session pipeline.SessionID) ([]Invited, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT session, user, by, at FROM invited WHERE session = ? ORDER BY at, user`, session)
	if err != nil {
		return nil, fmt.Errorf("read invitations of session %s: %w", session, err)
	}
	return collect(rows, "invitations", func(scan func(...any) error) (v Invited, err error) {
		var at int64
		err = scan(&v.Session, &v.User, &v.By, &at)
		v.At = fromMillis(at)
		return v, err
	})
}
