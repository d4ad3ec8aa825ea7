package session

import (
	"errors"

	"ctpipe/internal/attachment"
	"ctpipe/internal/claude"
	"ctpipe/internal/inbox"
	"ctpipe/internal/intake"
	"ctpipe/internal/markdown"
	"ctpipe/internal/process"
	"ctpipe/pipeline"

	"github.com/google/uuid"
)

// prompt gives a person's message to Claude, in order, or keeps it until there
// is a Claude to give it to.
func (s mail) prompt(p pipeline.Prompt) {
	if !p.Slash && len(p.Files) == 0 && s.answerByText(p) || s.branchByText(p) {
		return
	}
	start, err := s.host.slots().claim(s.Session)
	if err != nil {
		s.Notice(err.Error())
		return
	}
	s.Lock()
	full := s.inbox.Full()
	var m inbox.Message
	if !full {
		m = s.takeInLocked(p, start)
		err = s.deliverLocked()
	}
	s.Unlock()
	switch {
	case full:
		s.Notice("⚠️ Too many messages are waiting for Claude; this one is not delivered.")
	case err != nil:
		s.log.Error("a message did not reach claude", "err", err)
		s.Notice("⚠️ Your message did not reach Claude: " + markdown.Plain(err.Error()))
	}
	if !full {
		s.host.delivered.Gave(p.Post)
		s.complete(m, p)
	}
	s.speech().startTyping()
	s.headline().refreshHeader()
	if start {
		s.launcher().setOut()
	}
}

// takeInLocked queues a person's message; resumed says that it starts a Claude.
func (s mail) takeInLocked(p pipeline.Prompt, resumed bool) inbox.Message {
	now := s.host.Clock.Now()
	s.inbox.Ask(p.From.ID, resumed || s.process.Quiet(now) && len(s.inbox.Undone) == 0)
	s.about.TookPart(p.From.ID)
	s.process.AskModel = s.process.AskModel || process.ChangesModel(p)
	s.calls.Tainted = s.calls.Tainted || p.From.ID != "" && !pipeline.TakesPart(p.From)
	s.words.PersonWrote()
	s.touchLocked()
	m := s.messageLocked(p)
	s.inbox.Put(m)
	return m
}

// messageLocked makes a message of what a person wrote.
func (s mail) messageLocked(p pipeline.Prompt) inbox.Message {
	m := inbox.Message{ID: uuid.NewString(), Text: intake.Tame(p.Text), Slash: p.Slash}
	if m.Slash {
		return m
	}
	if len(s.about.People) >= 2 && p.From.ID != "" {
		m.Mark = intake.Signature(p.From.Name)
	}
	if p.ApprovedBy != "" {
		m.Mark = intake.ApprovedMark(p.From.Name, p.ApprovedBy)
	}
	m.Fetching = len(p.Files) > 0
	m.Choosing, s.inbox.Offers = s.inbox.Offers, false
	return m
}

// complete gets what a message still lacks, beside the lanes.
func (s mail) complete(m inbox.Message, p pipeline.Prompt) {
	if m.Fetching {
		s.beside("fetching attachments", func() { s.fetch(m.ID, p.Files) }, func() { s.fetched(m.ID, attachment.Fetched{}) })
	}
	if m.Choosing {
		s.beside("reading the thread", func() { s.offerContext(m.ID, p) }, func() { s.chosen(m.ID, nil) })
	}
}

// deliverLocked gives Claude what waits for it, in order, up to the first that is
// not complete. What a Claude that is ending does not take stays for the next.
func (s mail) deliverLocked() error {
	for s.hands.agent != nil {
		m, ok := s.inbox.Next()
		if !ok {
			return nil
		}
		err := s.hands.agent.Send(m.Whole())
		switch {
		case errors.Is(err, claude.ErrClosed):
			s.inbox.Back(m)
			return nil
		case err != nil:
			return err
		}
		s.inbox.Sent(m.ID)
		s.process.Turning = true
	}
	return nil
}

// ready goes on with the queue after a message got what it lacked.
func (s mail) ready() {
	s.Lock()
	err := s.deliverLocked()
	s.Unlock()
	s.unsent(err)
	s.speech().startTyping()
}

// unsent says that a message did not reach Claude, if one did not.
func (s mail) unsent(err error) {
	if err != nil {
		s.log.Error("a message did not reach claude", "err", err)
		s.Notice("⚠️ A message did not reach Claude: " + markdown.Plain(err.Error()))
	}
}
