package transcript

import "strings"

// Verdict names what was judged that a post shows: an event, or a tool call.
type Verdict struct {
	Event string `json:"event,omitempty"`
	Tool  string `json:"tool,omitempty"` // the id of the tool use
}

// verdicts remembers which verdict each of a thread's posts shows, the newest ones.
type verdicts struct {
	Of    map[string]Verdict `json:"of,omitempty"` // by the key of the post
	Order []string           `json:"order,omitempty"`
}

// verdictsMost is how many posts of a thread can be asked about.
const verdictsMost = 500

func (v *verdicts) note(key string, what Verdict) {
	if v.Of == nil {
		v.Of = map[string]Verdict{}
	}
	if _, known := v.Of[key]; !known {
		v.Order = append(v.Order, key)
	}
	v.Of[key] = what
	if len(v.Order) > verdictsMost {
		delete(v.Of, v.Order[0])
		v.Order = v.Order[1:]
	}
}

// noteAnswer notes the call that an answer's posts show: the last one that was
// refused, or else the last one.
func (v *verdicts) noteAnswer(a *answer) {
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
		v.note(key, Verdict{Tool: id})
	}
}

// CardShows notes the event that a card of the thread is about.
func (t *Transcript) CardShows(key, event string) { t.verdicts.note(key, Verdict{Event: event}) }

// Verdict is what the post with a key shows the verdict of.
func (t *Transcript) Verdict(key string) (Verdict, bool) {
	v, ok := t.verdicts.Of[key]
	return v, ok
}
