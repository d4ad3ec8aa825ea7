package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"

	"github.com/google/uuid"
)

// queueMost is how many messages wait for a Claude that is being started.
const queueMost = 100

// prompt gives a person's message to Claude, in order, or keeps it until
// there is a Claude to give it to.
func (s *Session) prompt(p pipeline.Prompt) {
	if !p.Slash && len(p.Files) == 0 && s.answerByText(p.From, p.Text) {
		return
	}
	start, err := s.host.claim(s)
	if err != nil {
		s.notice(err.Error())
		return
	}
	m := claude.UserMessage{UUID: uuid.NewString(), Text: p.Text,
		AsTyped: p.Slash && !strings.Contains(p.Text, "@")} // an @ would read a file past both doors
	s.mu.Lock()
	full := len(s.queue) >= queueMost
	if !full {
		s.asked(p.From.ID, start)
		s.tookPart(p.From.ID)
		s.remodel = s.remodel || changesModel(p)
		s.tainted = s.tainted || p.From.ID != "" && !p.From.Owner && !p.From.Invited && !p.From.Allowed
		s.list.low = true
		s.touch()
		s.pages.seal()
		s.queue = append(s.queue, m)
		err = s.deliver()
	}
	s.mu.Unlock()
	switch {
	case full:
		s.notice("⚠️ Too many messages are waiting for Claude; this one is not delivered.")
	case err != nil:
		s.log.Error("a message did not reach claude", "err", err)
		s.notice("⚠️ Your message did not reach Claude: " + stages.Plain(err.Error()))
	}
	s.startTyping()
	s.refreshHeader()
	if start {
		s.spawn(s.resumable())
	}
}

// deliver gives Claude what waits for it, in order; the lock is held. What a
// Claude that is ending does not take stays for the next.
func (s *Session) deliver() error {
	for s.agent != nil && len(s.queue) > 0 {
		m := s.queue[0]
		err := s.agent.Send(m)
		if errors.Is(err, claude.ErrClosed) {
			return nil
		}
		s.queue = s.queue[1:]
		if err != nil {
			return err
		}
		s.undone[m.UUID], s.turning = true, true
	}
	return nil
}

// dealt notes that Claude has dealt with messages; the lock is held.
func (s *Session) dealt(uuids ...string) {
	for _, id := range uuids {
		delete(s.undone, id)
	}
}

// resumable reports that Claude has a conversation to take up: one that never
// answered has none, and asking for it would fail (DATA-12).
func (s *Session) resumable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns == 0 || s.fresh {
		s.claudeID = uuid.NewString()
		return false
	}
	return true
}

// asked notes who a turn is for; the lock is held. A turn that begins while
// nothing runs and nothing waits is for its author alone; what is added, and
// what starts by itself, inherits.
func (s *Session) asked(id pipeline.UserID, resumed bool) {
	quiet := resumed || s.phase == idle && !s.turning && s.tasks == 0 && len(s.undone) == 0
	if quiet && len(s.queue) == 0 {
		s.requesters = nil
	}
	if !slices.Contains(s.requesters, id) {
		s.requesters = append(s.requesters, id)
	}
}

// undelivered says what became of the messages that Claude never got, "" if
// there are none; the lock is held.
func (s *Session) undelivered() string {
	n := len(s.queue)
	s.queue = nil
	switch n {
	case 0:
		return ""
	case 1:
		return "\n\nYour message was not delivered."
	}
	return fmt.Sprintf("\n\n%d messages were not delivered.", n)
}
