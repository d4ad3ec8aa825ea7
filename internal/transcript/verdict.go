package transcript

import (
	"strings"

	"ctpipe/internal/memory"
)

// Verdict names what was judged that a post shows: an event, or a tool call.
type Verdict struct {
	Event string `json:"event,omitempty"`
	Tool  string `json:"tool,omitempty"` // the id of the tool use
}

// verdicts remembers which verdict each of a thread's newest posts shows, by the
// key of the post.
type verdicts = memory.Recent[string, Verdict]

// verdictsMost is how many posts of a thread can be asked about.
const verdictsMost = 500

func newVerdicts() *verdicts { return memory.NewRecent[string, Verdict](verdictsMost) }

// noteVerdict notes the call that an answer's posts show: the last one that was
// refused, or else the last one.
func (t posts) noteVerdict(a *answer) {
	id := ""
	refused := false
	for _, b := range a.Blocks {
		tool, ok := strings.CutPrefix(b.ID, "tool/")
		if !ok {
			continue
		}
		if no := strings.Contains(b.Text, "↳ 🚫"); no || !refused {
			id, refused = tool, refused || no
		}
	}
	if id == "" {
		return
	}
	for _, key := range a.Keys {
		t.verdicts.Put(key, Verdict{Tool: id})
	}
}

// CardShows notes the event that a card of the thread is about.
func (t *Transcript) CardShows(key, event string) { t.verdicts.Put(key, Verdict{Event: event}) }

// Verdict is what the post with a key shows the verdict of.
func (t *Transcript) Verdict(key string) (Verdict, bool) { return t.verdicts.Get(key) }
