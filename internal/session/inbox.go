package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/attachment"
	"ctpipe/internal/claude"
	"ctpipe/internal/intake"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"

	"github.com/google/uuid"
)

// queueMost is how many messages wait for a Claude that is being started.
const queueMost = 100

// message is what a person wrote, on its way to Claude. The session's lock
// guards it.
type message struct {
	id       string
	text     string
	mark     string // says who wrote it, "" where that is clear
	slash    bool   // a command of Claude's own that a rule named
	history  string // what of the thread goes along
	files    string // where its attachments are
	images   []claude.Image
	fetching bool // its attachments are being fetched
	choosing bool // what of the thread goes along is not known yet
}

// whole is the message as Claude gets it.
func (m *message) whole() claude.UserMessage {
	text := m.text
	if m.mark != "" {
		text = strings.TrimSpace(m.mark + m.text)
	}
	if m.files != "" {
		text = strings.TrimPrefix(text+"\n\n"+m.files, "\n\n")
	}
	if m.history != "" {
		text = m.history + "\n" + text
	}
	return claude.UserMessage{UUID: m.id, Text: text, Images: m.images,
		AsTyped: m.slash && !strings.Contains(text, "@")} // an @ would read a file past both doors
}

// empty reports that nothing is left to say: a message of attachments, none of
// which could be had.
func (m *message) empty() bool { return m.text == "" && m.files == "" }

// prompt gives a person's message to Claude, in order, or keeps it until
// there is a Claude to give it to.
func (s *Session) prompt(p pipeline.Prompt) {
	if !p.Slash && len(p.Files) == 0 && s.answerByText(p.From, p.Text) || s.branchByText(p) {
		return
	}
	start, err := s.host.claim(s)
	if err != nil {
		s.notice(err.Error())
		return
	}
	s.mu.Lock()
	full := len(s.queue) >= queueMost
	var m *message
	if !full {
		s.asked(p.From.ID, start)
		s.tookPart(p.From.ID)
		s.remodel = s.remodel || changesModel(p)
		s.tainted = s.tainted || p.From.ID != "" && !p.From.Owner && !p.From.Invited && !p.From.Allowed
		s.list.low = true
		s.touch()
		s.pages.seal()
		m = s.messageOf(p)
		s.enqueue(m)
		err = s.deliver()
	}
	s.mu.Unlock()
	switch {
	case full:
		s.notice("⚠️ Too many messages are waiting for Claude; this one is not delivered.")
	case err != nil:
		s.log.Error("a message did not reach claude", "err", err)
		s.notice("⚠️ Your message did not reach Claude: " + markdown.Plain(err.Error()))
	}
	if m != nil {
		s.host.delivered.Gave(p.Post)
		s.complete(m, p)
	}
	s.startTyping()
	s.refreshHeader()
	if start {
		s.setOut()
	}
}

// messageOf makes a message of what a person wrote; the lock is held.
func (s *Session) messageOf(p pipeline.Prompt) *message {
	m := &message{id: uuid.NewString(), text: intake.Tame(p.Text), slash: p.Slash}
	if m.slash {
		return m
	}
	m.mark = s.signature(p.From)
	if p.ApprovedBy != "" {
		m.mark = intake.ApprovedMark(p.From.Name, p.ApprovedBy)
	}
	m.fetching = len(p.Files) > 0
	m.choosing, s.offers = s.offers, false
	return m
}

// signature is what stands before a message once more than one person has taken
// part; the lock is held.
func (s *Session) signature(from pipeline.User) string {
	if len(s.top.people) < 2 || from.ID == "" {
		return ""
	}
	return intake.Signature(from.Name)
}

// complete gets what a message still lacks, beside the lanes.
func (s *Session) complete(m *message, p pipeline.Prompt) {
	s.mu.Lock()
	fetching, choosing := m.fetching, m.choosing
	s.mu.Unlock()
	if fetching {
		s.beside("fetching attachments", func() { s.fetch(m, p.Files) }, func() { s.fetched(m, attachment.Fetched{}) })
	}
	if choosing {
		s.beside("reading the thread", func() { s.offerContext(m, p) }, func() { s.chosen(m, nil) })
	}
}

// enqueue puts a message behind those that wait; the lock is held. Only a
// command of Claude's own overtakes what people still choose about.
func (s *Session) enqueue(m *message) {
	at := len(s.queue)
	if m.slash {
		if i := slices.IndexFunc(s.queue, func(w *message) bool { return w.choosing }); i >= 0 {
			at = i
		}
	}
	s.queue = slices.Insert(s.queue, at, m)
}

// deliver gives Claude what waits for it, in order, up to the first that is not
// complete; the lock is held. What a Claude that is ending does not take stays
// for the next.
func (s *Session) deliver() error {
	for s.agent != nil && len(s.queue) > 0 {
		m := s.queue[0]
		if m.fetching || m.choosing {
			return nil
		}
		if !m.empty() {
			err := s.agent.Send(m.whole())
			if errors.Is(err, claude.ErrClosed) {
				return nil
			}
			if err != nil {
				s.queue = s.queue[1:]
				return err
			}
			s.undone[m.id], s.turning = true, true
		}
		s.queue = s.queue[1:]
	}
	return nil
}

// unsent says that a message did not reach Claude, if one did not.
func (s *Session) unsent(err error) {
	if err != nil {
		s.log.Error("a message did not reach claude", "err", err)
		s.notice("⚠️ A message did not reach Claude: " + markdown.Plain(err.Error()))
	}
}

// ready goes on with the queue after a message got what it lacked.
func (s *Session) ready() {
	s.mu.Lock()
	err := s.deliver()
	s.mu.Unlock()
	s.unsent(err)
	s.startTyping()
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

// selfTurn is how soon after the end of a background task its turn has begun.
const selfTurn = time.Second

// asked notes who a turn is for; the lock is held. A turn that begins while
// nothing runs and nothing waits is for its author alone; what is added, and
// what starts by itself, inherits.
func (s *Session) asked(id pipeline.UserID, resumed bool) {
	quiet := resumed || s.phase == idle && !s.turning && s.tasks == 0 && len(s.undone) == 0 &&
		s.host.Clock.Now().Sub(s.tasksEnded) > selfTurn
	if quiet && len(s.queue) == 0 {
		s.requesters = nil
	}
	if !slices.Contains(s.requesters, id) {
		s.requesters = append(s.requesters, id)
	}
}

// worded notes somebody whose words Claude reads though they are no message: an
// answer, a reason, what they put in the place of Claude's. What comes of them
// they have asked for too. Where nobody knows who else did, that stays so. The
// lock is held.
func (s *Session) worded(u pipeline.User) {
	if len(s.requesters) > 0 && !slices.Contains(s.requesters, u.ID) {
		s.requesters = append(s.requesters, u.ID)
	}
	s.tainted = s.tainted || !u.Owner && !u.Invited && !u.Allowed
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
