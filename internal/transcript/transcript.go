package transcript

import (
	"fmt"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
)

// Config is what a Transcript is made of.
type Config struct {
	// Prefix makes the keys of its posts unique among all that post in its thread.
	Prefix string
	Runes  int // of a post
	// Redact, which may be nil, takes credentials out of a text. It comes before
	// folding, which may part a credential so that the show chain does not know it
	// any more.
	Redact func(string) string
	// Fit makes a text as short as one post; nil leaves it.
	Fit func(string) string
}

// Transcript is what a thread has of Claude's words, and what it does not have
// yet. It is not safe for concurrent use.
type Transcript struct {
	conf   Config
	serial int // of keys

	stream     stream
	calls      map[string]*call // that have not ended, by tool use
	background map[string]bool  // commands that go on beside the turn, by task
	list       list
	compaction compaction
	warned     string // of the account's limit, as last told

	dirty   []Update  // what is not judged yet, one per block
	taken   []Update  // what is being judged
	due     time.Time // when what is dirty is to be judged
	flushed time.Time // when updates were last taken
	before  string    // the end of what was shown, for the next block's event
	latched map[string]bool
	held    map[string]Update // the newest form of what people are asked to share
	style   display.Verbosity // that the thread wants; "" is the default

	answers  []*answer // that may still change, the newest last
	era      int       // blocks that begin now belong to this answer
	verdicts *verdicts
}

// New makes a transcript in which nothing has been said.
func New(c Config) *Transcript {
	return &Transcript{
		conf:       c,
		stream:     newStream(),
		calls:      map[string]*call{},
		background: map[string]bool{},
		latched:    map[string]bool{},
		held:       map[string]Update{},
		verdicts:   newVerdicts(),
	}
}

// key makes a key for a post that nobody else has.
func (t *Transcript) key(what string) string {
	t.serial++
	return fmt.Sprintf("%s %s/%d", what, t.conf.Prefix, t.serial)
}

// Heard takes one message of Claude's; at says how paths are shown. What changes is
// due from then on. The notice, "" for none, is ctpipe's own and to be posted as it
// is. Again reports a reply that was heard before, of which nothing changes.
func (t *Transcript) Heard(m claude.Message, at display.Options, now time.Time) (notice string, again bool) {
	switch m := m.(type) {
	case *claude.StreamEvent:
		t.pending().note(now, t.stream.event(m)...)
	case *claude.Assistant:
		return "", t.heard().said(m, at, now)
	case *claude.User:
		t.pending().note(now, t.heard().results(m, now)...)
	case *claude.APIRetry:
		t.pending().note(now, t.stream.drop(0)...)
	case *claude.TaskProgress:
		t.pending().note(now, t.heard().progressed(m)...)
	case *claude.TaskNotification:
		t.pending().note(now, t.heard().notified(m, at)...)
	case *claude.Status:
		t.pending().note(now, t.compaction.status(m)...)
	case *claude.CompactBoundary:
		t.pending().note(now, t.compaction.boundary(m)...)
	case *claude.RateLimit:
		return t.heard().limitNear(m), false
	}
	return "", false
}

// said takes the finished blocks of a reply.
func (t heard) said(m *claude.Assistant, at display.Options, now time.Time) (again bool) {
	if t.stream.repeated(m.UUID) {
		return true
	}
	var updates []Update
	if m.ParentToolUseID == "" {
		updates = t.stream.assistant(m)
	}
	for _, b := range m.Message.Content {
		if use, ok := b.(claude.ToolUseBlock); ok {
			updates = append(updates, t.called(use, m.ParentToolUseID, at, now)...)
		}
	}
	switch {
	case m.Error != "" || m.IsAPIErrorMessage:
		updates = troubled(updates, m)
	case m.LocalCommandSource != "":
		updates = local(updates)
	}
	t.pending().note(now, updates...)
	return false
}

// results takes a line of the user's: results of calls, and what a command of the
// CLI's own wrote.
func (t heard) results(m *claude.User, now time.Time) []Update {
	updates := t.heardLocal(m)
	for _, b := range m.Message.Content {
		if r, ok := b.(claude.ToolResultBlock); ok {
			updates = append(updates, t.ended(r, m, now)...)
		}
	}
	return updates
}

// TurnEnded closes a turn, so that nothing is left looking as if it ran; calls stay
// open while tasks run in the background. The next block begins a new post.
func (t *Transcript) TurnEnded(background bool, now time.Time) []outbox.Change {
	updates := t.stream.drop(0)
	if !background {
		updates = append(updates, t.heard().closeCalls()...)
	}
	updates = append(append(updates, t.compaction.stop()...), t.posts().listAgain(now)...)
	t.pending().note(now, updates...)
	t.Seal()
	return t.Forget() // unless a block is still to be shown; that one's flush forgets
}

// Closed ends the lines of all calls and what else looks as if it ran: Claude's
// process is gone, or given up.
func (t *Transcript) Closed(now time.Time) {
	t.pending().note(now, append(t.heard().closeCalls(), t.compaction.stop()...)...)
	clear(t.background)
}

// Dropped gives up the blocks that Claude was writing: they will not be finished.
func (t *Transcript) Dropped(now time.Time) { t.pending().note(now, t.stream.drop(0)...) }

// Seal makes the next block begin a new post: something else was posted, or the
// turn ended.
func (t *Transcript) Seal() { t.era++ }

// PersonWrote notes that a person wrote into the thread: what comes next stands
// below that, the task list too.
func (t *Transcript) PersonWrote() {
	t.list.Low = true
	t.Seal()
}

// SetStyle says how much of tool calls and of thinking the thread wants to see; ""
// is the default.
func (t *Transcript) SetStyle(v display.Verbosity) { t.style = v }

// Style is how much the thread wants to see; "" is the default.
func (t *Transcript) Style() display.Verbosity { return t.style }
