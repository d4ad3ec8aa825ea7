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

// Policy is a revision that was put in force, with the bytes it was made of.
type Policy struct {
	Rev   pipeline.Rev      `json:"rev"`
	Files map[string][]byte `json:"files"` // by path
	At    time.Time         `json:"at"`
}

const policyKey = "policy"

// SavePolicy keeps v as the last accepted policy.
func (s *Store) SavePolicy(ctx context.Context, v Policy) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("save policy %s: %w", v.Rev, err)
	}
	return s.change(ctx, "save policy "+string(v.Rev), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)`, policyKey, b)
		return err
	})
}

// LastPolicy gives the last accepted policy, or ErrNotFound before the first.
func (s *Store) LastPolicy(ctx context.Context) (Policy, error) {
	if err := s.wait(ctx); err != nil {
		return Policy{}, err
	}
	var b []byte
	err := s.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, policyKey).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return Policy{}, fmt.Errorf("last policy: %w", ErrNotFound)
	}
	var v Policy
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		return Policy{}, fmt.Errorf("read last policy: %w", err)
	}
	return v, nil
}
