package session

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ctpipe/pipeline"
)

// flushEvery is how often a growing block passes the show chain. The first
// piece of a block goes at once.
const flushEvery = 100 * time.Millisecond

// beforeMost is how much of what was shown a show event carries along.
const beforeMost = 4096

// show notes the newest form of each block and has them judged in the show
// lane. Pieces of one block coalesce; nothing is dropped.
func (s *Session) show(pieces ...piece) {
	if len(pieces) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pieces {
		s.note(p)
	}
	if s.flushing {
		if later := s.pages.later; later != nil && s.urgent() && later.Stop() {
			s.queueFlush()
		}
		return
	}
	s.flushing = true
	left := flushEvery - s.host.Clock.Now().Sub(s.flushed)
	if s.onlyList() {
		left = flushEvery // tasks that are created at once are one update (STR-10)
	}
	if left > 0 && !s.urgent() {
		s.pages.later = s.host.Clock.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.queueFlush()
		})
		return
	}
	s.queueFlush()
}

// note keeps one piece per block: the newest. A block belongs to the answer
// that was being given when it began, however late it is shown (STR-02).
func (s *Session) note(p piece) {
	for i := range s.dirty {
		if s.dirty[i].block == p.block {
			p.era = s.dirty[i].era
			s.dirty[i] = p
			return
		}
	}
	p.era = s.pages.era
	s.dirty = append(s.dirty, p)
}

// urgent reports a block that the thread has nothing of yet.
func (s *Session) urgent() bool {
	for _, p := range s.dirty {
		if _, b := s.pages.find(p.block); b == nil && !p.gone && p.block != listBlock {
			return true
		}
	}
	return false
}

// onlyList reports that nothing but the task list has changed.
func (s *Session) onlyList() bool {
	return !slices.ContainsFunc(s.dirty, func(p piece) bool { return p.block != listBlock })
}

// queueFlush puts a flush into the show lane; the lock is held. Where the lane
// takes none, the next piece tries again.
func (s *Session) queueFlush() {
	s.pages.later = nil
	if err := s.host.Lanes.Enqueue(string(s.thread.id)+"/show", s.flush); err != nil {
		s.flushing = false
		s.log.Warn("what Claude says is not shown yet", "err", err)
	}
}

// flush judges what is new and lets the chain deliver it.
func (s *Session) flush(ctx context.Context) {
	s.mu.Lock()
	pieces := s.dirty
	s.dirty, s.flushing, s.flushed = nil, false, s.host.Clock.Now()
	s.mu.Unlock()
	for _, p := range pieces {
		s.showOne(ctx, p)
	}
	s.mu.Lock()
	s.pages.forget()
	s.mu.Unlock()
}

// flushAll brings what is noted to the outbox now, or gives up with ctx.
func (s *Session) flushAll(ctx context.Context) {
	done := make(chan struct{})
	err := s.host.Lanes.Enqueue(string(s.thread.id)+"/show", func(ctx context.Context) {
		defer close(done)
		s.flush(ctx)
	})
	if err != nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// settleWait bounds how long the end of a session waits for its last blocks.
const settleWait = 2 * time.Second

// showLast shows what is left and how things ended, before the session is given
// up: what is judged afterwards would bring a paused one back from its record.
func (s *Session) showLast(pieces []piece) {
	s.mu.Lock()
	for _, p := range pieces {
		s.note(p)
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.host.ctx, settleWait)
	defer cancel()
	s.flushAll(ctx)
}

func (s *Session) showOne(ctx context.Context, p piece) {
	defer s.contain("showing a block", func() { s.withheld(p.block, pipeline.Withhold{By: "ctpipe", Reason: "it could not be judged"}, false) })
	s.mu.Lock()
	latched, before, thread := s.latched[p.block], s.before, s.style
	s.pages.at = p.era
	if p.gone {
		s.pages.withhold(p.block)
	}
	if p.gone || p.final {
		delete(s.latched, p.block)
	}
	s.mu.Unlock()
	defer s.keepHeld(p)
	if latched || p.gone {
		return
	}
	s.looked(p)
	f, run := s.shaped(ctx, p, before, thread)
	if run == nil {
		return
	}
	s.place(ctx, p, f, run, thread)
	if p.final {
		s.mu.Lock()
		s.before = tail(s.before+f.text+"\n", beforeMost)
		s.mu.Unlock()
	}
}

// delivered puts a judged block into the thread.
func (s *Session) delivered(block, what string, e pipeline.Deliver) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := e.Text
	if what == "thinking" && text != "" {
		text = "> 💭 " + strings.ReplaceAll(strings.Trim(text, "\n"), "\n", "\n> ") // every line stays in the quote (STR-15)
	}
	if block == listBlock {
		s.placeList(text)
		return
	}
	s.pages.show(block, text, e.Final)
}

// withheld keeps a block out of the thread, and says so once; asked says that a
// card of its own does.
func (s *Session) withheld(block string, e pipeline.Withhold, asked bool) {
	s.mu.Lock()
	first := !s.latched[block]
	s.latched[block] = true
	if block == listBlock {
		s.placeList("")
	}
	s.pages.withhold(block)
	s.mu.Unlock()
	if first && !asked {
		s.notice("🙈 *Withheld by " + e.By + reasonSuffix(e.Reason) + "*")
	}
}

func lines(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] == '\n' {
			n++
		}
	}
	if s != "" && s[len(s)-1] != '\n' {
		n++
	}
	return n
}

// tail is the end of s, at most n bytes of whole runes.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}
