package session

import (
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// alteredMost is how often a card is made anew that others edit. A server that
// rewrites every text would keep us at it for ever; then its card only never
// has an approval, and nobody's answer is a denial.
const alteredMost = 3

// alteredWait is when an edit is looked at again that may be one of ours.
const alteredWait = time.Second

// cardAltered makes an open card anew that somebody else has edited, without
// the approvals that stood under it: what people approve is what ctpipe showed
// them (A8).
func (h *Host) cardAltered(p mattermost.Post) {
	post := pipeline.PostID(p.ID)
	own, ok := h.ownPost(post)
	if !ok {
		return
	}
	s, open := h.promptAt(h.session(own.thread), own.root, post)
	if open == nil {
		return
	}
	altered, busy := s.out.Altered(own.key, post, p.Message)
	if busy {
		h.Clock.AfterFunc(alteredWait, func() {
			defer s.contain("an edited card", func() {})
			h.cardAltered(p)
		})
	}
	if !altered {
		return
	}
	s.log.Warn("a card was edited by somebody else; its approvals are void", "card", open.id, "post", post)
	base := s.host.settings().Approval
	s.mu.Lock()
	open.approve, open.forAll = nil, nil
	open.altered++
	again := !open.done && open.altered <= alteredMost
	old := open.key
	if again {
		s.putCard(open, base)
	}
	s.mu.Unlock()
	if again {
		s.out.Remove(old)
	}
}
