package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// HookValue is one value that a hook remembers.
type HookValue struct {
	Hook    string
	Key     string
	Value   json.RawMessage // nil: removed
	Expires int64           // Unix seconds; 0: never
}

// SaveHookValues writes what hooks remember, all or nothing, and drops what
// has expired at now (Unix seconds).
func (s *Store) SaveHookValues(ctx context.Context, now int64, values []HookValue) error {
	return s.change(ctx, fmt.Sprintf("save %d values of hooks", len(values)), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM hook_store WHERE expires <> 0 AND expires <= ?`, now); err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO hook_store (hook, key, value, expires) VALUES (?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, v := range values {
			if v.Value == nil {
				_, err = tx.ExecContext(ctx, `DELETE FROM hook_store WHERE hook = ? AND key = ?`, v.Hook, v.Key)
			} else {
				_, err = put.ExecContext(ctx, v.Hook, v.Key, string(v.Value), v.Expires)
			}
			if err != nil {
				return fmt.Errorf("hook %s, key %q: %w", v.Hook, v.Key, err)
			}
		}
		return nil
	})
}

// HookValues gives everything that hooks remember and that has not expired at
// now (Unix seconds).
func (s *Store) HookValues(ctx context.Context, now int64) ([]HookValue, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT hook, key, value, expires FROM hook_store WHERE expires = 0 OR expires > ?`, now)
	if err != nil {
		return nil, fmt.Errorf("read what hooks remember: %w", err)
	}
	return collect(rows, "what hooks remember", func(scan func(...any) error) (v HookValue, err error) {
		var value string
		err = scan(&v.Hook, &v.Key, &value, &v.Expires)
		v.Value = json.RawMessage(value)
		return v, err
	})
}
