package main

import (
	"context"
	"strings"

	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/session"
)

// why explains a recorded verdict to people in a thread.
func (s *server) why(ctx context.Context, q session.WhyQuery) (string, error) {
	x := policy.Explainer{Dir: journalDir(s.store.Dir()), Flush: s.book.Flush, Redact: s.redact,
		Policy: func() *policy.Policy { return policy.Of(s.engine.Snapshot()) }}
	return x.Why(ctx, journal.Query{Event: strings.ToUpper(q.Event), Tool: q.Tool, Post: q.Post, Thread: q.Thread})
}
