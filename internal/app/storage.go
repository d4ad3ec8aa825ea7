package app

import (
	"context"
	"log/slog"

	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/state"
)

// storage is what ctpipe keeps on disk.
type storage struct {
	dir    string // the state directory
	pins   string // where pins of state directories are; "" with -state
	store  *state.Store
	book   *journal.Writer
	memory *hookMemory
}

// accepted are the saves that a person at the machine has accepted.
func (s *storage) accepted() policy.Acceptances {
	return policy.Acceptances{Dir: policy.AcceptDir(s.dir)}
}

// notes tells what opening the database found, once it is open.
func (s *storage) notes(ctx context.Context, log *slog.Logger) {
	notes, err := s.store.Ready(ctx)
	for _, n := range notes {
		log.Warn(n)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("the state cannot be kept", "err", err)
	}
}

// close closes what is open.
func (s *storage) close() {
	if s.book != nil {
		_ = s.book.Close() // it has said so in the log
	}
	if s.store != nil {
		s.store.Close()
	}
}
