package session

import (
	"context"
	"errors"
	"time"

	"ctpipe/internal/desk"
	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// whyEvery is how often one post is explained.
const whyEvery = time.Minute

// whyOn explains the card or the tool line that somebody put a ❓ on, once a
// minute at most.
func (h performer) whyOn(ctx context.Context, s *Session, r *pipeline.Run, e pipeline.Count) {
	own, ok := h.posts.Of(e.Post)
	if !e.Added || !ok || s == nil {
		return
	}
	q, ok := s.speech().meant(e.Post, own.Key)
	if !ok || !h.questions.First(e.Post, h.Clock.Now()) {
		return
	}
	h.explain(ctx, r.Event.Thread.Root, q)
}

// meant is which verdict a post of ctpipe's own shows.
func (s speech) meant(post pipeline.PostID, key string) (WhyQuery, bool) {
	if p, open := s.PromptOn(post); open {
		key = p.Key
	}
	s.Lock()
	defer s.Unlock()
	v, ok := s.words.Verdict(key)
	return WhyQuery{Thread: s.Thread.ID, Event: v.Event, Tool: pipeline.ToolID(v.Tool)}, ok
}

// explain posts why something was decided as it was.
func (h performer) explain(ctx context.Context, root pipeline.PostID, q WhyQuery) {
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

// noteCardLocked notes the verdict that a card is about.
func (s speech) noteCardLocked(p *desk.Prompt) {
	switch {
	case p.Call != nil:
		s.words.CardShows(p.Key, string(p.Call.Judged.Event.ID))
	case p.Event != nil:
		s.words.CardShows(p.Key, string(p.Event.ID))
	}
}
