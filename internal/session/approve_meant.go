package session

import (
	"time"

	"ctpipe/pipeline"
)

// justEnded is how long somebody may still be writing an answer to a card that
// others have closed.
const justEnded = 10 * time.Second

// endedCard is a card that is closed.
type endedCard struct {
	at       time.Time
	by       []pipeline.UserID // who know that it is
	question bool
}

// unsure reports that somebody who names no card may mean one that others closed
// just now, and not the one that is open by the time the word arrives (A12).
func (s *Session) unsure(id pipeline.UserID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.lastCard.by {
		if known == id {
			return false
		}
	}
	return !s.lastCard.at.IsZero() && s.host.Clock.Now().Sub(s.lastCard.at) < justEnded
}
