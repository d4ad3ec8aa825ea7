// Package inbox has the messages on their way to Claude, and for whom it works. It
// is a part of a session: plain data, without clock, agent or lock.
package inbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// queueMost is how many messages wait for a Claude that is being started.
const queueMost = 100

// Message is what a person wrote, on its way to Claude.
type Message struct {
	ID       string         `json:"id"`
	Text     string         `json:"text,omitempty"`
	Mark     string         `json:"mark,omitempty"`    // says who wrote it, "" where that is clear
	Slash    bool           `json:"slash,omitempty"`   // a command of Claude's own that a rule named
	History  string         `json:"history,omitempty"` // what of the thread goes along
	Files    string         `json:"files,omitempty"`   // where its attachments are
	Images   []claude.Image `json:"images,omitempty"`
	Fetching bool           `json:"fetching,omitempty"` // its attachments are being fetched
	Choosing bool           `json:"choosing,omitempty"` // what of the thread goes along is not known yet
}

// Whole is the message as Claude gets it.
func (m *Message) Whole() claude.UserMessage {
	text := m.Text
	if m.Mark != "" {
		text = strings.TrimSpace(m.Mark + m.Text)
	}
	if m.Files != "" {
		text = strings.TrimPrefix(text+"\n\n"+m.Files, "\n\n")
	}
	if m.History != "" {
		text = m.History + "\n" + text
	}
	return claude.UserMessage{UUID: m.ID, Text: text, Images: m.Images,
		AsTyped: m.Slash && !strings.Contains(text, "@")} // an @ would read a file past both hooks
}

// empty reports that nothing is left to say: a message of attachments, none of
// which could be had.
func (m *Message) empty() bool { return m.Text == "" && m.Files == "" }

// Inbox are the messages on their way to Claude, and for whom it works. It is
// plain data.
type Inbox struct {
	Queue      []Message         `json:"queue,omitempty"`      // what waits for an agent, or for what it lacks
	Undone     map[string]bool   `json:"undone,omitempty"`     // messages that Claude has and has not dealt with, by uuid
	Requesters []pipeline.UserID `json:"requesters,omitempty"` // whose messages led to what Claude does
	Offers     bool              `json:"offers,omitempty"`     // the next message is offered with what the thread holds
	EditTold   bool              `json:"edit_told,omitempty"`  // people know that edits are not seen
}

// Full reports that no more messages may wait.
func (b *Inbox) Full() bool { return len(b.Queue) >= queueMost }

// Put adds a message behind those that wait. Only a command of Claude's own
// overtakes what people still choose about.
func (b *Inbox) Put(m Message) {
	at := len(b.Queue)
	if m.Slash {
		if i := slices.IndexFunc(b.Queue, func(w Message) bool { return w.Choosing }); i >= 0 {
			at = i
		}
	}
	b.Queue = slices.Insert(slices.Clone(b.Queue), at, m)
}

// Next takes the first message off the queue that Claude is to get; false where
// none waits, or the first still lacks something. Messages with nothing to say
// are passed over.
func (b *Inbox) Next() (m Message, ok bool) {
	for len(b.Queue) > 0 {
		m = b.Queue[0]
		if m.Fetching || m.Choosing {
			return Message{}, false
		}
		b.Queue = b.Queue[1:]
		if !m.empty() {
			return m, true
		}
	}
	return Message{}, false
}

// Back puts a message to the front again that Claude did not take.
func (b *Inbox) Back(m Message) { b.Queue = append([]Message{m}, b.Queue...) }

// Sent notes that Claude has a message.
func (b *Inbox) Sent(id string) {
	if b.Undone == nil {
		b.Undone = map[string]bool{}
	}
	b.Undone[id] = true
}

// Dealt notes that Claude has dealt with messages.
func (b *Inbox) Dealt(ids ...string) {
	for _, id := range ids {
		delete(b.Undone, id)
	}
}

// Choose gives a message what of the thread goes along.
func (b *Inbox) Choose(id, history string) {
	b.change(id, func(m *Message) { m.History, m.Choosing = history, false })
}

// Fetched gives a message its attachments. Missing says that some could not be
// had. It reports whether nothing is left of the message.
func (b *Inbox) Fetched(id, files string, images []claude.Image, missing bool) (nothing bool) {
	b.change(id, func(m *Message) {
		m.Files, m.Images, m.Fetching = files, images, false
		if missing && m.Text != "" {
			m.Text += "\n(Some attached files could not be fetched.)"
		}
		nothing = m.empty()
	})
	return nothing
}

func (b *Inbox) change(id string, f func(*Message)) {
	at := slices.IndexFunc(b.Queue, func(m Message) bool { return m.ID == id })
	if at >= 0 {
		b.Queue = slices.Clone(b.Queue)
		f(&b.Queue[at])
	}
}

// Ask notes who a turn is for. A turn that begins while nothing runs (quiet) and
// nothing waits is for its author alone; what is added, and what starts by
// itself, inherits.
func (b *Inbox) Ask(user pipeline.UserID, quiet bool) {
	if quiet && len(b.Queue) == 0 {
		b.Requesters = nil
	}
	if !slices.Contains(b.Requesters, user) {
		b.Requesters = append(slices.Clone(b.Requesters), user)
	}
}

// Worded notes somebody whose words Claude reads though they are no message: an
// answer, a reason, what they put in the place of Claude's. What comes of them
// they have asked for too. Where nobody knows who else did, that stays so.
func (b *Inbox) Worded(user pipeline.UserID) {
	if len(b.Requesters) > 0 {
		b.Ask(user, false)
	}
}

// Gone forgets what a Claude had that is gone.
func (b *Inbox) Gone() { b.Undone = nil }

// Undelivered empties the queue, and says what became of the messages that
// Claude never got; "" if there are none.
func (b *Inbox) Undelivered() string {
	n := len(b.Queue)
	b.Queue = nil
	switch n {
	case 0:
		return ""
	case 1:
		return "\n\nYour message was not delivered."
	}
	return fmt.Sprintf("\n\n%d messages were not delivered.", n)
}

func (b *Inbox) Clone() Inbox {
	c := *b
	c.Queue, c.Undone, c.Requesters = slices.Clone(b.Queue), maps.Clone(b.Undone), slices.Clone(b.Requesters)
	return c
}
