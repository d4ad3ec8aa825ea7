package transcript

import (
	"slices"
	"time"

	"ctpipe/internal/outbox"
)

// flushEvery is how often a growing block is judged. The first update of a block is
// judged at once.
const flushEvery = 100 * time.Millisecond

// Update is what a block looks like now, before it is judged. It is a value.
type Update struct {
	Block string `json:"block"`
	What  string `json:"what,omitempty"` // text, thinking, tool, tasks, notice
	Text  string `json:"text,omitempty"`
	Tool  string `json:"tool,omitempty"`  // the tool's name
	Final bool   `json:"final,omitempty"` // it changes no more
	Gone  bool   `json:"gone,omitempty"`  // it will be repeated under another id: nothing of it stays
	Era   int    `json:"era,omitempty"`   // the answer that was being given when it began
	Call  *call  `json:"call,omitempty"`  // of a tool call, whose text is composed when it is judged
}

// note keeps one update per block: the newest. A block belongs to the answer that
// was being given when it began, however late it is shown.
func (t pending) note(now time.Time, updates ...Update) {
	if len(updates) == 0 {
		return
	}
	first := len(t.dirty) == 0
	for _, u := range updates {
		t.noteOne(u)
	}
	left := flushEvery - now.Sub(t.flushed)
	switch {
	case t.urgent():
		t.due = now
	case !first: // it goes along
	case t.onlyList():
		t.due = now.Add(flushEvery) // tasks that are created at once are one update
	default:
		t.due = now.Add(max(left, 0))
	}
}

func (t pending) noteOne(u Update) {
	if i := slices.IndexFunc(t.dirty, func(d Update) bool { return d.Block == u.Block }); i >= 0 {
		u.Era = t.dirty[i].Era
		t.dirty[i] = u
		return
	}
	u.Era = t.era
	t.dirty = append(t.dirty, u)
}

// urgent reports a block that the thread has nothing of yet.
func (t pending) urgent() bool {
	return slices.ContainsFunc(t.dirty, func(u Update) bool {
		_, b := t.posts().find(u.Block)
		return b == nil && !u.Gone && u.Block != listBlock
	})
}

// onlyList reports that nothing but the task list has changed.
func (t pending) onlyList() bool {
	return !slices.ContainsFunc(t.dirty, func(u Update) bool { return u.Block != listBlock })
}

// Due is how long from now what has changed is to be taken and judged; ok is false
// where nothing has.
func (t *Transcript) Due(now time.Time) (wait time.Duration, ok bool) {
	return max(t.due.Sub(now), 0), len(t.dirty) > 0
}

// Take gives what has changed, in the order in which the blocks began. The caller
// judges them one by one: Next, Form, then Delivered or Withheld, then Judged.
func (t *Transcript) Take(now time.Time) []Update {
	t.taken, t.dirty, t.flushed = t.dirty, nil, now
	return append([]Update(nil), t.taken...)
}

// Resume makes due again what was taken and has not been judged, because whoever
// took it is gone.
func (t *Transcript) Resume(now time.Time) {
	again := slices.DeleteFunc(t.taken, func(u Update) bool {
		return slices.ContainsFunc(t.dirty, func(d Update) bool { return d.Block == u.Block })
	})
	t.dirty, t.taken = append(again, t.dirty...), nil
	t.due = now
}

// Next begins with an update that was taken, and reports whether it is to be judged:
// one that is gone is not, and nothing more of a block that was withheld.
func (t *Transcript) Next(u Update) (judge bool, changes []outbox.Change) {
	latched := t.latched[u.Block]
	if u.Gone {
		changes = t.posts().withhold(u.Block)
	}
	if u.Gone || u.Final {
		delete(t.latched, u.Block)
	}
	if latched || u.Gone {
		t.pending().done(u.Block)
		return false, changes
	}
	return true, changes
}

// Judged ends with an update; seen is what the thread sees of it (see Seen).
func (t *Transcript) Judged(u Update, seen string) {
	t.pending().done(u.Block)
	if u.Final {
		t.before = tail(t.before+seen+"\n", beforeMost)
	}
}

// Empty ends with an update that has nothing to judge.
func (t *Transcript) Empty(u Update) { t.pending().done(u.Block) }

func (t pending) done(block string) {
	t.taken = slices.DeleteFunc(t.taken, func(u Update) bool { return u.Block == block })
}

// Hold keeps the newest form of a block that people are asked whether to share.
func (t *Transcript) Hold(u Update) { t.held[u.Block] = u }

// Share takes up a block that was held, because people let it be shown: it is to
// be judged again, and begins a post of its own. False: nothing is held of it.
func (t *Transcript) Share(block string) (u Update, ok bool) {
	if u, ok = t.held[block]; !ok {
		return u, false
	}
	delete(t.held, block)
	delete(t.latched, block)
	t.Seal()
	u.Era = t.era
	t.taken = append(t.taken, u)
	return u, true
}

// Waits reports that something of Claude's words has not been judged, or is being
// judged now.
func (t *Transcript) Waits() bool { return len(t.dirty)+len(t.taken) > 0 }
