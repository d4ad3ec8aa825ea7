package session

import (
	"slices"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// offerContext finds out what the thread holds before a message, and asks
// people how much of it goes along. A single earlier message always does.
func (s mail) offerContext(id string, p pipeline.Prompt) {
	earlier, err := s.earlier(s.host.starts, p.Post)
	if err != nil {
		s.log.Warn("the thread cannot be read; claude is told nothing of it", "post", p.Post, "err", err)
		s.Notice("⚠️ The earlier messages of this thread cannot be read; Claude starts without them.")
	}
	if len(earlier) < 2 {
		s.chosen(id, earlier)
		return
	}
	if !s.Ask(desk.AskContext(id, earlier)) {
		s.chosen(id, nil)
	}
}

// chosen lets a message go on with what of the thread goes along. What
// strangers wrote makes Claude read an untrusted text.
func (s mail) chosen(id string, earlier []desk.Earlier) {
	s.Lock()
	s.inbox.Choose(id, historyOf(earlier))
	s.calls.Tainted = s.calls.Tainted || slices.ContainsFunc(earlier, func(p desk.Earlier) bool { return p.Stranger })
	s.Unlock()
	s.ready()
}
