package session

import (
	"context"
	"errors"
	"strings"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// whyEvery is how often one post is explained.
const whyEvery = time.Minute

// whyOn explains the card or the tool line that somebody put a ❓ on, once a
// minute at most.
func (h *Host) whyOn(ctx context.Context, s *Session, r *pipeline.Run, e pipeline.Count) {
	own, ok := h.ownPost(e.Post)
	if !e.Added || !ok || s == nil {
		return
	}
	q, ok := s.meant(e.Post, own.key)
	if !ok || !h.questions.First(e.Post, h.Clock.Now()) {
		return
	}
	h.explain(ctx, r.Event.Thread.Root, q)
}

// meant is which verdict a post of ctpipe's own shows.
func (s *Session) meant(post pipeline.PostID, key string) (WhyQuery, bool) {
	if p := s.promptOn(post); p != nil {
		key = p.key
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.pages.verdicts.of[key]
	q.Thread = s.thread
	return q, ok
}

// explain posts why something was decided as it was.
func (h *Host) explain(ctx context.Context, root pipeline.PostID, q WhyQuery) {
	if h.Why == nil {
		h.say(root, "ℹ️ Nothing is recorded here, so nothing can be explained")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	text, err := h.Why(ctx, q)
	switch {
	case errors.Is(err, journal.ErrNotFound) && q.Event != "":
		text = "ℹ️ Nothing in this thread has that id. `!why` explains the last tool call; an explanation ends with its id"
	case errors.Is(err, journal.ErrNotFound):
		text = "ℹ️ Nothing has been decided in this thread yet"
	case err != nil:
		h.Log.Warn("a verdict cannot be explained", "thread", q.Thread, "err", err)
		text = "❌ The journal cannot be read; ctpipe's log says more"
	}
	h.say(root, text)
}

// verdicts remembers which verdict each of a thread's posts shows, the newest
// ones. The session's lock guards it.
type verdicts struct {
	of    map[string]WhyQuery // by the key of the post
	order []string
}

// verdictsMost is how many posts of a thread can be asked about.
const verdictsMost = 500

func (v *verdicts) note(key string, q WhyQuery) {
	if v.of == nil {
		v.of = map[string]WhyQuery{}
	}
	if _, known := v.of[key]; !known {
		v.order = append(v.order, key)
	}
	v.of[key] = q
	if len(v.order) > verdictsMost {
		delete(v.of, v.order[0])
		v.order = v.order[1:]
	}
}

// noteAnswer notes the call that an answer's posts show: the last one that was
// refused, or else the last one.
func (v *verdicts) noteAnswer(a *answer) {
	id := ""
	refused := false
	for _, b := range a.blocks {
		tool, ok := strings.CutPrefix(b.id, "tool/")
		if !ok {
			continue
		}
		if no := strings.Contains(b.text, "↳ 🚫"); no || !refused {
			id, refused = tool, refused || no
		}
	}
	if id == "" {
		return
	}
	for _, key := range a.keys {
		v.note(key, WhyQuery{Tool: pipeline.ToolID(id)})
	}
}

// noteCard notes the verdict that a card is about.
func (v *verdicts) noteCard(p *prompt) {
	switch {
	case p.open != nil && p.open.run != nil:
		v.note(p.key, WhyQuery{Event: string(p.open.run.Event.ID)})
	case p.event != nil:
		v.note(p.key, WhyQuery{Event: string(p.event.ID)})
	}
}
