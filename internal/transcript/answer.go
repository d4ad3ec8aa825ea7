package transcript

import (
	"slices"
	"strings"

	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// blocksApart stands between two blocks of one answer.
const blocksApart = "\n\n"

// answer is what Claude said without anything else being posted in between: one
// post, edited as it grows, or more where it is longer than a post may be.
type answer struct {
	Era    int            `json:"era"`
	Blocks []*postedBlock `json:"blocks,omitempty"`
	Keys   []string       `json:"keys,omitempty"` // of its posts, in order
}

// postedBlock is one block as the thread has it.
type postedBlock struct {
	ID    string `json:"id"`
	Text  string `json:"text,omitempty"`
	Final bool   `json:"final,omitempty"`
}

// answersMost is how many answers may still change; older ones stay as they are.
const answersMost = 32

// Delivered puts a judged block into the thread, as the chain delivers it, and its
// files below it. Newest says whether the task list's post, if there is one, is the
// thread's newest; block is e.Block as its update names it.
func (t *Transcript) Delivered(block string, e pipeline.Deliver, newest bool) []outbox.Change {
	if block == listBlock {
		return t.posts().placeList(e.Text, newest)
	}
	changes := t.posts().show(block, e.Text, e.Final)
	if e.Text != "" {
		for _, file := range e.Files {
			changes = append(changes, t.posts().attach(file, t.posts().title(block))...)
		}
	}
	return changes
}

// Withheld keeps a block out of the thread; nothing more of it is judged until it is
// final, or shared. First reports that nobody was told of it.
func (t *Transcript) Withheld(block string, newest bool) (first bool, changes []outbox.Change) {
	first = !t.latched[block]
	t.latched[block] = true
	if block == listBlock {
		return first, t.posts().placeList("", newest)
	}
	return first, t.posts().withhold(block)
}

// show brings a block to the thread, or the newer text of a known one.
func (t posts) show(id, text string, final bool) []outbox.Change {
	a, b := t.find(id)
	if b == nil {
		if text == "" {
			return nil
		}
		a, b = t.add(id)
	}
	text = strings.Trim(text, "\n")
	same := b.Text == text
	b.Text, b.Final = text, final
	if same {
		return nil
	}
	return t.lay(a)
}

// withhold takes a block out of the thread. What was posted of it is deleted, not
// edited: an edit keeps the old text on the server.
func (t posts) withhold(id string) []outbox.Change {
	a, b := t.find(id)
	if b == nil {
		return nil
	}
	was := b.Text
	b.Text, b.Final = "", true
	if was == "" {
		return nil
	}
	var changes []outbox.Change
	for _, key := range a.Keys {
		changes = append(changes, outbox.Change{Key: key, Remove: true})
	}
	a.Keys = nil
	return append(changes, t.lay(a)...)
}

// add makes a block of the answer that was being given when it began.
func (t posts) add(id string) (*answer, *postedBlock) {
	era := t.era
	if i := slices.IndexFunc(t.taken, func(u Update) bool { return u.Block == id }); i >= 0 {
		era = t.taken[i].Era
	}
	n := len(t.answers)
	if n == 0 || t.answers[n-1].Era < era {
		t.answers = append(t.answers, &answer{Era: era})
		n++
	}
	a := t.answers[n-1]
	b := &postedBlock{ID: id}
	a.Blocks = append(a.Blocks, b)
	return a, b
}

func (t posts) find(id string) (*answer, *postedBlock) {
	for _, a := range t.answers {
		for _, b := range a.Blocks {
			if b.ID == id {
				return a, b
			}
		}
	}
	return nil, nil
}

// lay puts an answer's text into its posts.
func (t posts) lay(a *answer) (changes []outbox.Change) {
	var parts []string
	for _, b := range a.Blocks {
		if b.Text != "" {
			parts = append(parts, b.Text)
		}
	}
	texts := paginate.Inert(strings.Join(parts, blocksApart), t.conf.Runes)
	for i, text := range texts {
		if i == len(a.Keys) {
			a.Keys = append(a.Keys, t.key("answer"))
		}
		changes = append(changes, outbox.Change{Key: a.Keys[i], Put: &outbox.Draft{Text: text, Props: outbox.Props("answer")}})
	}
	t.noteVerdict(a)
	for i := len(a.Keys) - 1; i >= len(texts); i-- {
		changes = append(changes, outbox.Change{Key: a.Keys[i], Remove: true})
		a.Keys = a.Keys[:i]
	}
	return changes
}

// Forget drops answers that can change no more: of an earlier era, with all their
// blocks final; or so old that nobody waits for their end.
func (t *Transcript) Forget() (changes []outbox.Change) {
	var oldest *answer
	if len(t.answers) > answersMost {
		oldest = t.answers[0]
	}
	t.answers = slices.DeleteFunc(t.answers, func(a *answer) bool {
		if a != oldest && (a.Era >= t.era || slices.ContainsFunc(a.Blocks, func(b *postedBlock) bool { return !b.Final })) {
			return false
		}
		for _, key := range a.Keys {
			changes = append(changes, outbox.Change{Key: key, Seal: true})
		}
		return true
	})
	return changes
}
