package session

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/thread"
)

// answered checks an answer when Claude gets it.
func (p *play) answered(id string, allow bool, err error) {
	if errors.Is(err, claude.ErrAnswered) {
		p.fault("%s is answered twice", id)
	}
	if !allow {
		return
	}
	p.mu.Lock()
	at := slices.IndexFunc(p.calls, func(c *madeCall) bool { return c.request == strings.TrimPrefix(id, "g") })
	c := p.calls[at]
	legal := p.mayRun(c)
	p.mu.Unlock()
	if !legal {
		p.fault("%s is allowed, and nobody and no rule allows it: %s %q", id, c.tool, c.command)
	}
}

// mayRun says whether something allows a call: a rule, a grant, or an approval of
// somebody who saw it.
func (p *play) mayRun(c *madeCall) bool {
	switch {
	case strings.HasPrefix(c.command, "rm "):
		return false
	case c.tool == "Bash" && strings.HasPrefix(c.command, "ls ") && !p.strict:
		return true
	case c.tool == "AskUserQuestion":
		return !p.spoke.Before(c.at)
	case p.granted && !p.strict:
		return true
	}
	who := map[string]bool{}
	for _, v := range p.votes {
		if !v.at.Before(c.at) && (v.card == "" || strings.Contains(v.card, c.mark) || c.tool == "ExitPlanMode") {
			who[v.by] = true
		}
	}
	if p.strict && c.tool == "Bash" {
		return len(who) > 1
	}
	return len(who) > 0
}

var aWord = regexp.MustCompile(`word\d+x`)

// openFoot is how a card ends that can still be answered.
var openFoot = []string{"👍 Allow | 👎 Deny", "👍 Allow | ✅ Allow all | 👎 Deny", "✅ Invite to session | 👎 Deny", "👍 Share |", "*Choose one,", "*Choose any,", "👍 Approve and start"}

func isOpenCard(text string) bool {
	return slices.ContainsFunc(openFoot, func(foot string) bool { return strings.Contains(text, foot) })
}

// checks looks at what is left once the session has ended.
func (p *play) checks() {
	p.checkWords()
	p.checkCards()
	if s := p.live(); s != nil {
		s.Lock()
		if s.Desk.Count(thread.OfSession) > 0 || !s.Desk.Next().IsZero() {
			p.fault("the session has ended, and something waits: %d, until %v", s.Desk.Count(thread.OfSession), s.Desk.Next())
		}
		s.Unlock()
	}
}

// checkWords demands that all that Claude said stands in the thread, once and in
// order, and nothing that was withheld.
func (p *play) checkWords() {
	var got []string
	for _, post := range p.chat.Said(p.root) {
		if post.Props["ctpipe"] != "card" {
			got = append(got, aWord.FindAllString(post.Message, -1)...)
		}
	}
	for _, word := range p.never {
		if slices.Contains(got, word) {
			p.fault("%s is shown", word)
		}
	}
	shown := slices.DeleteFunc(slices.Clone(got), func(w string) bool { return slices.Contains(p.maybe, w) })
	if !slices.Equal(shown, p.said) {
		p.fault("Claude said %v, the thread has %v", p.said, shown)
	}
	for _, word := range p.maybe {
		n := 0
		for _, w := range got {
			if w == word {
				n++
			}
		}
		if n > 1 {
			p.fault("%s is shown %d times", word, n)
		}
	}
}

// checkCards demands that no card stays open, and that none changes once it was closed.
func (p *play) checkCards() {
	for _, card := range p.chat.OfKind(p.root, "card") {
		if isOpenCard(card.Message) {
			p.fault("an open card stays:\n%s", card.Message)
		}
		p.checkHistory(card)
	}
}

func (p *play) checkHistory(card mattermost.Post) {
	p.chat.Mu.Lock()
	texts := slices.Clone(p.chat.Texts[card.ID])
	p.chat.Mu.Unlock()
	for i, text := range texts[:len(texts)-1] {
		if !isOpenCard(text) && !strings.Contains(text, "🧵") {
			p.fault("a closed card changed:\n%s\nbecame\n%s", text, texts[i+1])
		}
	}
}
