package desk

import (
	"slices"
	"time"

	"ctpipe/pipeline"
)

// justEnded is how long somebody may still be writing an answer to a card that
// others have closed.
const justEnded = 10 * time.Second

// closedCard is a card that is closed.
type closedCard struct {
	At       time.Time         `json:"at,omitzero"`
	By       []pipeline.UserID `json:"by,omitempty"` // who know that it is
	Question bool              `json:"question,omitempty"`
}

// Unsure reports that somebody who names no card may mean one that others closed
// just now, and not the one that is open by the time the word arrives.
func (d *Desk) Unsure(user pipeline.UserID, now time.Time) bool {
	return !d.last.At.IsZero() && now.Sub(d.last.At) < justEnded && !slices.Contains(d.last.By, user)
}

// UnsureQuestion is Unsure where the card that was closed last was a question.
func (d *Desk) UnsureQuestion(user pipeline.UserID, now time.Time) bool {
	return d.last.Question && d.Unsure(user, now)
}
