package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"ctpipe/pipeline"
)

// Prompt is a question to people that waits for its answer: a parked tool
// call, a plan, a stranger's post.
type Prompt struct {
	Session  pipeline.SessionID // "" where there is no session yet
	Request  string             // unique in the session
	ToolUse  pipeline.ToolID
	Hash     string // of what is asked for; an answer counts only for this
	Deadline time.Time
	Post     pipeline.PostID // the card
	Data     json.RawMessage // the rest; nil or one JSON value
}

// SavePrompt writes an open prompt, new or known. For a session that has ended
// it writes nothing and returns ErrEnded.
func (s *Store) SavePrompt(ctx context.Context, v Prompt) error {
	if v.Request == "" {
		return fmt.Errorf("save prompt of session %q: it needs a request id", v.Session)
	}
	return s.change(ctx, "save prompt "+v.Request, func(tx *sql.Tx) error {
		if err := live(ctx, tx, v.Session); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO prompts (session, request, tool_use, hash, deadline, post, data) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			v.Session, v.Request, v.ToolUse, v.Hash, millis(v.Deadline), v.Post, string(v.Data))
		return err
	})
}

// Prompts gives every open prompt, the one whose deadline comes first first.
func (s *Store) Prompts(ctx context.Context) ([]Prompt, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT session, request, tool_use, hash, deadline, post, data FROM prompts ORDER BY deadline, session, request`)
	if err != nil {
		return nil, fmt.Errorf("read prompts: %w", err)
	}
	return collect(rows, "prompts", func(scan func(...any) error) (v Prompt, err error) {
		var deadline int64
		var data string
		err = scan(&v.Session, &v.Request, &v.ToolUse, &v.Hash, &deadline, &v.Post, &data)
		v.Deadline, v.Data = fromMillis(deadline), raw(data)
		return v, err
	})
}

// DeletePrompt forgets a prompt that was answered; one that is not there is no
// error.
func (s *Store) DeletePrompt(ctx context.Context, session pipeline.SessionID, request string) error {
	return s.change(ctx, "delete prompt "+request, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM prompts WHERE session = ? AND request = ?`, session, request)
		return err
	})
}
