package session

import "ctpipe/internal/mattermost"

// linked notes how the link to the chat is doing.
func (h ears) linked(st mattermost.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost := func(k mattermost.StateKind) bool { return k == mattermost.Lost }
	if h.link.since.IsZero() || lost(st.Kind) != lost(h.link.Kind) {
		h.link.since = h.Clock.Now()
	}
	h.link.State = st
}
