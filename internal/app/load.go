package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ctpipe/internal/diag"
	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/state"
	"ctpipe/stages"
)

// seenEvents is how many posts are remembered, so that none is
// judged twice.
const seenEvents = 4096

// load reads the policy; one with errors is no policy, and ctpipe does not
// start.
func (s *server) load() (*policy.Policy, error) {
	path, err := filepath.Abs(s.opts.Rules)
	if err != nil {
		return nil, &SetupError{err}
	}
	self, _ := os.Executable()
	s.loader = &policy.Loader{
		Path:      path,
		Flags:     s.opts.Flags,
		Getenv:    s.opts.Env.Lookup,
		Store:     s.memory.memory,
		Stage:     stages.Build{Seen: stages.NewMemory(seenEvents), Journal: func() error { return s.book.Healthy() }},
		Protected: append(cliFiles(), self),
	}
	sources, findings := s.loader.Read()
	if !diag.HasErrors(findings) {
		if err := s.locate(sources[filepath.Base(path)]); err != nil {
			return nil, err
		}
	}
	p, sources, findings := s.loader.LoadFrom(sources, findings)
	if err := diag.Print(s.screen.Writer(s.opts.Stderr), findings, diag.Sources(sources)); err != nil {
		return nil, err
	}
	if p == nil {
		return nil, &SetupError{fmt.Errorf("%s cannot be used: %s; ctpipe does not start without a policy", s.opts.Rules, diag.ErrorCount(findings))}
	}
	return p, nil
}

// open opens the state directory, finds out which policy may be in force, and
// opens the journal as that one says.
func (s *server) open(ctx context.Context, onDisk *policy.Policy) (first *policy.Policy, held []string, err error) {
	if s.store, err = state.Open(s.dir, state.WithLog(s.log)); err != nil {
		return nil, nil, &SetupError{err}
	}
	s.memory.store, s.memory.log = s.store, s.log
	if err := s.memory.load(ctx); err != nil {
		return nil, nil, &SetupError{err}
	}
	if first, held, err = s.choose(ctx, onDisk); err != nil {
		return nil, nil, err
	}
	if first, err = s.secure(ctx, first); err != nil {
		return nil, nil, err
	}
	s.book, err = journal.Open(journal.Config{Dir: journal.Dir(s.dir), Keep: first.File.Journal.Keep, Log: s.log})
	if err != nil {
		return nil, nil, &SetupError{err}
	}
	return first, held, nil
}

// choose decides, once the state is open, whether the policy on disk may be in
// force or has to wait for a person; held then says why, and the last accepted
// one is used.
func (s *server) choose(ctx context.Context, next *policy.Policy) (first *policy.Policy, held []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	last, err := s.store.LastPolicy(ctx)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return nil, nil, &SetupError{err}
	}
	first, held, err = s.loader.First(next, last.Files, s.accepted())
	if err != nil {
		return nil, nil, &SetupError{err}
	}
	return first, held, nil
}
