package session

import (
	"context"
	"fmt"

	"ctpipe/internal/about"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// labelRunes bounds a label's parts.
const labelRunes = 60

// labelled puts a label into the header; a newer one of the same name takes the
// place of the older.
func (s headline) labelled(e pipeline.Label) {
	l := about.Label{Key: paginate.Cut(s.host.clean(e.Key), labelRunes), Value: paginate.Cut(s.host.clean(e.Value), labelRunes)}
	s.Lock()
	news := s.about.PutLabel(l)
	s.Unlock()
	if news {
		s.refreshHeader()
	}
}

// Observe counts, for the header, what rules and hooks could not judge. It
// is called for every run, from any goroutine, and does not block.
func (hs Hosts) Observe(r *pipeline.Run) {
	failed := false
	for _, v := range r.Votes() {
		failed = failed || v.Err != ""
	}
	if !failed {
		return
	}
	h := hs[r.Event.Thread.Platform]
	if h == nil {
		return
	}
	if s := h.session(r.Event.Thread.ID); s != nil {
		s.hands.errors.Add(1)
		err := h.Lanes.Enqueue(string(s.Thread.ID)+"/events", func(context.Context) { s.headline().refreshHeader() })
		if err != nil {
			s.log.Debug("the header is not refreshed", "err", err)
		}
	}
}

// PolicyChanged brings what the threads and the channel say of the policy up to
// date: another one is in force, or what is on disk is not. It does not block.
func (hs Hosts) PolicyChanged() {
	for _, h := range hs {
		for _, s := range h.slots().all() {
			s.headline().refreshHeader()
		}
		h.listed()
	}
}

// attention is what the header warns of, beside the policy's own.
func (s headline) attention(snap *pipeline.Snapshot) []string {
	var out []string
	if s.host.Attention != nil {
		out = s.host.Attention(snap)
	}
	if n := s.hands.errors.Load(); n > 0 {
		out = append(out, fmt.Sprintf("rules or hooks could not judge %d times; `on_error` held", n))
	}
	return out
}
