package thread

import (
	"slices"
	"sync"

	"ctpipe/internal/desk"
	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

// closedMost is how many closed cards tell somebody who comes late how they ended.
const closedMost = 512

// ClosedCards are the cards that were closed last, by thread and key of the
// post. It is safe for concurrent use.
type ClosedCards struct {
	mu    sync.Mutex
	cards *memory.Recent[string, *desk.Closed]
}

// NewClosedCards makes a memory that knows no card.
func NewClosedCards() *ClosedCards {
	return &ClosedCards{cards: memory.NewRecent[string, *desk.Closed](closedMost)}
}

func (c *ClosedCards) note(thread pipeline.ThreadID, card desk.Closed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cards.Put(string(thread)+"/"+card.Key, &card)
}

// Tell says how a card ended, once to each person who did not decide it.
func (c *ClosedCards) Tell(thread pipeline.ThreadID, key string, user pipeline.UserID) (outcome string, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	card, known := c.cards.Get(string(thread) + "/" + key)
	if !known || slices.Contains(card.Told, user) {
		return "", false
	}
	card.Told = append(card.Told, user)
	return card.Outcome, true
}

// Decisions are the meanings that answer a card.
var Decisions = append([]string{"approve", "allow_all", "deny"}, desk.Numbers...)
