package app

import (
	"context"

	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
)

// why explains a recorded verdict by the rules in force.
func (s *server) why(ctx context.Context, q journal.Query) (string, error) {
	x := policy.Explainer{
		Dir:    journal.Dir(s.dir),
		Flush:  s.book.Flush,
		Redact: s.screen.Hide,
		Policy: func() *policy.Policy { return policy.Of(s.engine.Snapshot()) },
	}
	return x.Why(ctx, q)
}
