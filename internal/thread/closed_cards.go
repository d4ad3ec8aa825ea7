package thread

import (
	"slices"
	"sync"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// closedMost is how many closed cards tell somebody who comes late how they ended.
const closedMost = 512

// ClosedCards are the cards that were closed last, by thread and key of the
// post. It is safe for concurrent use.
type ClosedCards struct {
	mu    sync.Mutex
	cards map[string]*desk.Closed
	order []string
}

func (c *ClosedCards) note(thread pipeline.ThreadID, card desk.Closed) {
	key := string(thread) + "/" + card.Key
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cards == nil {
		c.cards = map[string]*desk.Closed{}
	}
	c.cards[key], c.order = &card, append(c.order, key)
	if len(c.order) > closedMost {
		delete(c.cards, c.order[0])
		c.order = c.order[1:]
	}
}

// Tell says how a card ended, once to each person who did not decide it.
func (c *ClosedCards) Tell(thread pipeline.ThreadID, key string, user pipeline.UserID) (outcome string, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	card := c.cards[string(thread)+"/"+key]
	if card == nil || slices.Contains(card.Told, user) {
		return "", false
	}
	card.Told = append(card.Told, user)
	return card.Outcome, true
}

// Decisions are the meanings that answer a card.
var Decisions = append([]string{"approve", "allow_all", "deny"}, desk.Numbers...)
