package session

import (
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"

	"github.com/google/uuid"
)

// prompt gives a person's message to Claude, in order, or keeps it until
// there is a Claude to give it to.
func (s *Session) prompt(p pipeline.Prompt) {
	if !s.host.claim(s) {
		s.notice(fmt.Sprintf("⚠️ **Too busy** - %d sessions active. Please try again later.", s.host.settings().Max))
		return
	}
	m := claude.UserMessage{UUID: uuid.NewString(), Text: p.Text,
		AsTyped: p.Slash && !strings.Contains(p.Text, "@")} // an @ would read a file past both doors
	s.mu.Lock()
	s.asked(p.From.ID)
	s.touch()
	s.pages.seal()
	agent, state := s.agent, s.state
	if agent == nil {
		s.queue = append(s.queue, m)
	} else {
		s.state = running
	}
	s.mu.Unlock()
	switch {
	case agent != nil:
		s.send(agent, m)
		s.startTyping()
	case state == paused:
		s.spawn(s.resumable())
	}
}

// resumable reports that Claude has a conversation to take up: one that never
// answered has none, and asking for it would fail (DATA-12).
func (s *Session) resumable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns == 0 {
		s.claudeID = uuid.NewString()
		return false
	}
	return true
}

// asked notes who a turn is for. A turn that begins while nothing runs is for
// its author alone; what is added, and what starts by itself, inherits.
func (s *Session) asked(id pipeline.UserID) {
	if s.state == idle && s.tasks == 0 || s.state == paused {
		s.requesters = nil
	}
	for _, known := range s.requesters {
		if known == id {
			return
		}
	}
	s.requesters = append(s.requesters, id)
}

func (s *Session) send(agent Agent, m claude.UserMessage) {
	err := agent.Send(m)
	switch {
	case err == nil:
	case errors.Is(err, claude.ErrClosed):
		s.mu.Lock()
		s.queue = append(s.queue, m) // its exit is on the way; the next start takes it along
		s.mu.Unlock()
	default:
		s.log.Error("a message did not reach claude", "err", err)
		s.notice("⚠️ Your message did not reach Claude: " + stages.Plain(err.Error()))
	}
}

// hold asks somebody who may decide whether a stranger's message is given to
// Claude.
func (s *Session) hold(p pipeline.Prompt, votes []pipeline.Vote) {
	s.openMessage(p, votes)
}
