package session

import (
	"slices"
	"strings"
	"sync"

	"ctpipe/pipeline"
)

// lateMost is how many closed cards tell somebody who comes late how they ended.
const lateMost = 512

// lateCards are the cards that were closed last.
type lateCards struct {
	mu    sync.Mutex
	cards map[string]*closedOne // by thread and key of the post
	order []string
}

type closedOne struct {
	outcome string
	told    []pipeline.UserID // who need not be told, or has been
}

// rememberClosed remembers how a card ended. Whoever decided it knows.
func (h *Host) rememberClosed(s *Session, p *prompt, outcome string) {
	head, _, _ := strings.Cut(outcome, "\n")
	one := &closedOne{outcome: strings.TrimSuffix(head, ":"), told: append(slices.Clone(p.approve), p.ender)}
	key := string(s.thread) + "/" + p.key
	l := &h.lateCards
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cards == nil {
		l.cards = map[string]*closedOne{}
	}
	l.cards[key], l.order = one, append(l.order, key)
	if len(l.order) > lateMost {
		delete(l.cards, l.order[0])
		l.order = l.order[1:]
	}
}

// late tells somebody who answers a closed card how it ended, once (A10).
func (h *Host) late(root pipeline.PostID, e pipeline.Count) {
	own, known := h.ownPost(e.Post)
	if !known || !e.Added || !slices.Contains(decisions, e.Meaning) {
		return
	}
	l := &h.lateCards
	l.mu.Lock()
	one := l.cards[string(own.thread)+"/"+own.key]
	first := one != nil && !slices.Contains(one.told, e.User.ID)
	if first {
		one.told = append(one.told, e.User.ID)
	}
	l.mu.Unlock()
	if first {
		h.say(root, "ℹ️ @"+zeroWidth+e.User.Name+", this has already been decided: "+one.outcome)
	}
}

// decisions are the meanings that answer a card.
var decisions = append([]string{"approve", "allow_all", "deny"}, numbers...)
