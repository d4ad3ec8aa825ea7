package command

import (
	"context"
	"regexp"
	"strings"

	"ctpipe/internal/markdown"
)

var cardID = regexp.MustCompile(`(?i)^[cs][0-9]+$`)

// addressed is the open card that the command is about, by its id or the only
// one, and what else the command says. Where there is none it says so, and the
// card is nil. With sure, a card that is not named is not taken while somebody
// may still mean another one, which was closed just now.
func (c Call) addressed(sure bool) (card Card, words string) {
	words = strings.TrimSpace(c.Text)
	id := ""
	if cardID.MatchString(c.arg()) {
		id = strings.ToLower(c.arg())
		words = strings.TrimSpace(strings.TrimPrefix(words, c.arg()))
	}
	open := c.Host.Cards()
	only := id == "" && len(open) == 1
	var ids []string
	for _, o := range open {
		ids = append(ids, "`"+o.ID()+"`")
	}
	if only && sure && open[0].JustOther(c.By.ID) {
		c.say("ℹ️ Another card was closed just now: say which, " + ids[0])
		return nil, ""
	}
	for _, o := range open {
		if only || o.ID() == id {
			return o, words
		}
	}
	switch {
	case len(open) == 0:
		c.say("ℹ️ Nothing is waiting for an answer")
	case id != "":
		c.say("ℹ️ " + markdown.CodeSpan(id) + " is not open; waiting: " + strings.Join(ids, ", "))
	default:
		c.say("ℹ️ Several are waiting: say which, " + strings.Join(ids, ", "))
	}
	return nil, ""
}

// ballot is the answer that the command gives to a card, nil where there is no
// card or the answer does not count, which is said.
func (c Call) ballot(ctx context.Context, meaning string, sure bool) (b Ballot, card Card, words string) {
	card, words = c.addressed(sure)
	if card == nil {
		return nil, nil, ""
	}
	return card.Ballot(ctx, c.By, meaning), card, words
}
