package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/intake"
	"ctpipe/pipeline"
)

// contextWait is how long people may take to say what of the thread Claude is
// told; then it is nothing.
const contextWait = 30 * time.Second

// contextChoice is what a context card asks: how many of the earlier messages
// go along with the message that waits.
type contextChoice struct {
	waits   *message
	earlier []intake.Past
	options []int // how many messages, by the number that is reacted with
}

// contextOptions are the numbers that are offered for n earlier messages.
func contextOptions(n int) []int {
	var out []int
	for _, k := range []int{3, 5, 10} {
		if k <= n {
			out = append(out, k)
		}
	}
	if len(out) < 3 && (len(out) == 0 || out[len(out)-1] < n) {
		out = append(out, n)
	}
	return out
}

// offerContext finds out what the thread holds before a message, and asks
// people how much of it goes along. A single earlier message always does.
func (s *Session) offerContext(m *message, p pipeline.Prompt) {
	earlier, err := s.earlier(s.host.starts, p.Post)
	if err != nil {
		s.log.Warn("the thread cannot be read; claude is told nothing of it", "post", p.Post, "err", err)
		s.notice("⚠️ The earlier messages of this thread cannot be read; Claude starts without them.")
	}
	if len(earlier) < 2 {
		s.chosen(m, earlier)
		return
	}
	card := &prompt{kind: "context", ttl: contextWait, choice: &contextChoice{waits: m, earlier: earlier, options: contextOptions(len(earlier))}}
	if !s.openPrompt(card) {
		s.chosen(m, nil)
	}
}

func (c *contextChoice) card() string {
	var b strings.Builder
	fmt.Fprintf(&b, "🧵 **Include thread context?**\nThis thread has %s before this point.\n"+
		"React to include previous messages, or continue without context.\n", messageCount(len(c.earlier)))
	for i, n := range c.options {
		which := fmt.Sprintf("Last %d messages", n)
		if n == len(c.earlier) && !slices.Contains([]int{3, 5, 10}, n) {
			which = fmt.Sprintf("All %d messages", n)
		}
		b.WriteString("\n" + keycaps[i] + " " + which)
	}
	b.WriteString("\n❌ No context (default after " + fmt.Sprint(int(contextWait/time.Second)) + "s)")
	return b.String()
}

func messageCount(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

func (c *contextChoice) seeds() []string { return append(slices.Clone(numbers[:len(c.options)]), "x") }

// take is a number, or ❌ for nothing.
func (c *contextChoice) take(s *Session, p *prompt, v vote) {
	if !v.added {
		return
	}
	i := slices.Index(numbers, v.meaning)
	switch {
	case i >= 0 && i < len(c.options):
		n := c.options[i]
		if s.finish(p, fmt.Sprintf("✅ Including last %s (selected by %s)", messageCount(n), s.who(v.by))) {
			s.chosen(c.waits, c.earlier[len(c.earlier)-n:])
		}
	case v.meaning == "stop" || v.meaning == "deny":
		if s.finish(p, "✅ Continuing without context (skipped by "+s.who(v.by)+")") {
			s.chosen(c.waits, nil)
		}
	}
}

// lapse goes on without context.
func (c *contextChoice) lapse(s *Session, p *prompt) {
	if s.finish(p, "⏱️ Continuing without context (no response)") {
		s.chosen(c.waits, nil)
	}
}

// chosen lets a message go on with what of the thread goes along. What
// strangers wrote makes Claude read an untrusted text.
func (s *Session) chosen(m *message, earlier []intake.Past) {
	s.mu.Lock()
	m.history, m.choosing = intake.History(earlier), false
	s.tainted = s.tainted || slices.ContainsFunc(earlier, func(p intake.Past) bool { return p.Stranger })
	s.mu.Unlock()
	s.ready()
}

// closeChoices ends the cards of choices that nothing waits for any more.
func (s *Session) closeChoices(outcome string) {
	s.mu.Lock()
	open := slices.Clone(s.prompts)
	s.mu.Unlock()
	for _, p := range open {
		if p.choice != nil {
			s.finish(p, outcome)
		}
	}
}
