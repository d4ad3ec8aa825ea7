package session

import (
	"fmt"
	"slices"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// offerContext finds out what the thread holds before a message, and asks
// people how much of it goes along. A single earlier message always does.
func (s *Session) offerContext(id string, p pipeline.Prompt) {
	earlier, err := s.earlier(s.host.starts, p.Post)
	if err != nil {
		s.log.Warn("the thread cannot be read; claude is told nothing of it", "post", p.Post, "err", err)
		s.notice("⚠️ The earlier messages of this thread cannot be read; Claude starts without them.")
	}
	if len(earlier) < 2 {
		s.chosen(id, earlier)
		return
	}
	if !s.ask(desk.AskContext(id, earlier)) {
		s.chosen(id, nil)
	}
}

// voteContext takes a number, or ❌ for nothing.
func (t *thread) voteContext(p desk.Prompt, v desk.Vote) {
	n, ok := p.Choice.Picked(v)
	if !ok {
		return
	}
	outcome := "✅ Continuing without context (skipped by " + desk.Who(v.By) + ")"
	if n > 0 {
		outcome = fmt.Sprintf("✅ Including last %s (selected by %s)", desk.MessageCount(n), desk.Who(v.By))
	}
	if t.finish(p.ID, outcome) {
		t.contextChosen(p, p.Choice.Earlier[len(p.Choice.Earlier)-n:])
	}
}

func (t *thread) contextChosen(p desk.Prompt, earlier []desk.Earlier) {
	if s := t.live(); s != nil {
		s.chosen(p.Choice.Message, earlier)
	}
}

// lapse goes on without anybody's choice: time is up, or the chat does not take
// the card.
func (t *thread) lapse(p desk.Prompt) {
	switch p.Kind {
	case desk.Context:
		if t.finish(p.ID, "⏱️ Continuing without context (no response)") {
			t.contextChosen(p, nil)
		}
	case desk.Worktree:
		t.lapseWorktree(p)
	}
}

// chosen lets a message go on with what of the thread goes along. What
// strangers wrote makes Claude read an untrusted text.
func (s *Session) chosen(id string, earlier []desk.Earlier) {
	s.mu.Lock()
	s.inbox.Choose(id, historyOf(earlier))
	s.gate.Tainted = s.gate.Tainted || slices.ContainsFunc(earlier, func(p desk.Earlier) bool { return p.Stranger })
	s.mu.Unlock()
	s.ready()
}
