package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/oklog/ulid/v2"

	"ctpipe/internal/journal"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/policy"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// storeWait bounds a look into the state, and a write of it.
const storeWait = 10 * time.Second

// choose decides, once the state is open, whether the policy on disk may be in
// force or has to wait for a person; held then says why, and the last accepted
// one is used.
func (s *server) choose(ctx context.Context, next *policy.Policy) (first *policy.Policy, held []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	last, err := s.store.LastPolicy(ctx)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return nil, nil, &setupError{err}
	}
	first, held, err = s.loader.First(next, last.Files, s.accepted())
	if err != nil {
		return nil, nil, &setupError{err}
	}
	return first, held, nil
}

func (s *server) accepted() policy.Acceptances {
	return policy.Acceptances{Dir: policy.AcceptDir(s.stateDir)}
}

// journalDir is where the journal of a state directory is.
func journalDir(stateDir string) string { return filepath.Join(stateDir, "journal") }

// watch makes what keeps the policy on disk in force.
func (s *server) watch(ctx context.Context, first *policy.Policy, chats []*chat) *policy.Live {
	accepted := s.accepted()
	if err := os.MkdirAll(accepted.Dir, 0o700); err != nil {
		s.log.Error("held rules cannot be accepted", "err", err)
	}
	live := &policy.Live{Loader: s.loader, Log: s.log, Out: s.stderr, Prepare: s.prepare, Accepted: accepted,
		Swap: func(next *policy.Policy) {
			s.engine.Swap(next.Snapshot)
			s.keep(ctx, next)
		},
		Recent: func() ([]journal.Record, error) { return policy.Recent(journalDir(s.store.Dir())) },
		Tell: func(what, line string) {
			s.note(ctx, what, line)
			if what == "accepted" {
				s.change.Store(&line)
			}
			go s.announceReload(ctx, chats, line) // a chat out of reach keeps no save waiting
		}}
	live.Begin(first)
	return live
}

// keep remembers the policy in force: the next start is held against it.
func (s *server) keep(ctx context.Context, p *policy.Policy) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait)
	defer cancel()
	err := s.store.SavePolicy(ctx, state.Policy{Rev: p.Snapshot.Rev, Files: p.Sources, At: time.Now()})
	if err != nil {
		s.log.Error("the policy in force is not remembered", "rev", p.Snapshot.Rev, "err", err)
	}
}

// note makes a policy event of what came of a save, for hooks and the journal.
func (s *server) note(ctx context.Context, what, line string) {
	now := time.Now().UTC()
	s.engine.Judge(ctx, &pipeline.Event{ID: pipeline.EventID(ulid.Make().String()), Kind: pipeline.KindPolicy,
		Time:   pipeline.Time{Unix: now.Unix(), RFC3339: now.Format(time.RFC3339)},
		Notice: pipeline.Notice{What: what, Text: line}})
}

// announceReload posts the line where [reload] announce says.
func (s *server) announceReload(ctx context.Context, chats []*chat, line string) {
	name := policy.Of(s.engine.Snapshot()).File.Reload.Announce
	if name == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	for _, c := range chats {
		channel, _, err := findChannel(ctx, c.client, name)
		if err == nil {
			_, err = c.client.CreatePost(ctx, mattermost.NewPost{Channel: channel.ID, Message: stages.Inert(s.redact(line))})
		}
		if err != nil {
			c.log.Warn("a save is not announced", "channel", name, "err", err)
		}
	}
}
