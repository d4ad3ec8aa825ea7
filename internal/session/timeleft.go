package session

import (
	"fmt"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
)

// lastMinutes is when a card begins to say each minute how long is left.
// Before, it says so at its votes only: an edit costs the server the thread.
const lastMinutes = 5 * time.Minute

// tickLater has the card say how long is left at the next minute that counts;
// the lock is held.
func (s *Session) tickLater(p *prompt) {
	left := p.deadline.Sub(s.host.Clock.Now())
	wait := left - lastMinutes
	if wait <= 0 {
		wait = left % time.Minute
		if wait == 0 {
			wait = time.Minute
		}
	}
	if wait >= left {
		return
	}
	p.tick = s.host.Clock.AfterFunc(wait, func() {
		defer s.contain("a card's clock", func() {})
		s.refreshCard(p)
		s.mu.Lock()
		defer s.mu.Unlock()
		if !p.done {
			s.tickLater(p)
		}
	})
}

// timeLeft says how long a prompt waits yet; the lock is held.
func (s *Session) timeLeft(p *prompt) string {
	if p.deadline.IsZero() {
		return ""
	}
	return " · ⏳ " + spoken(max(p.deadline.Sub(s.host.Clock.Now()), 0)) + " left"
}

// spoken is a duration as people say it.
func spoken(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
}

// expire refuses what nobody answered; it is never an allowance (A10). Claude,
// or who wanted it, is told.
func (s *Session) expire(p *prompt) {
	defer s.contain("a time limit", func() {})
	if p.choice != nil {
		p.choice.lapse(s, p)
		return
	}
	ttl := spoken(p.ttl)
	if !s.finish(p, "⏱️ **Timed out** - "+timedOut[p.kind]) {
		return
	}
	s.log.Info("nobody answered", "kind", p.kind, "tool_use", p.call.ToolUseID, "card", p.id)
	switch {
	case p.holdsClaude():
		s.refused(p.open.id, "ctpipe", "nobody answered in "+ttl)
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "nobody answered in " + ttl + "; do something else or stop"})
		s.startTyping()
	case p.kind == "share":
	default:
		s.tellAuthor(p, "⏱️ nobody answered in "+ttl+"; "+refusedWord[p.kind])
	}
	s.host.dropped(s)
}

// What becomes of a prompt that nobody answers, and of one that is refused.
var (
	timedOut = map[string]string{
		"tool": "permission denied", "plan": "permission denied", "question": "nobody answered",
		"message": "nobody let this message in", "start": "no session is started", "command": "the command is not run",
		"share": "it stays withheld",
	}
	refusedWord = map[string]string{
		"message": "your message is not given to Claude", "start": "no session is started", "command": "your command is not run",
	}
)

// tellAuthor tells who wanted something what became of it.
func (s *Session) tellAuthor(p *prompt, text string) {
	s.notice("@" + p.event.User.Name + " " + markdown.Inert(text))
}
