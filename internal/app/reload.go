package app

import (
	"context"
	"os"
	"time"

	"github.com/oklog/ulid/v2"

	"ctpipe/internal/journal"
	"ctpipe/internal/markdown"
	"ctpipe/internal/policy"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// storeWait bounds a look into the state, and a write of it.
const storeWait = 10 * time.Second

// prepare resolves the names of a policy before it is in force.
func (s *server) prepare(ctx context.Context, next *policy.Policy) {
	for id, h := range s.hosts {
		missing, err := h.Prepare(ctx, next.Snapshot)
		if err != nil {
			s.log.Warn("the users that the rules name cannot be looked up yet", "platform", id, "err", err)
		}
		for _, name := range missing {
			s.log.Warn("rules.toml names a user that the server does not know; the name gives nobody anything", "platform", id, "user", name)
		}
	}
}

// watch makes what keeps the policy on disk in force.
func (s *server) watch(ctx context.Context, first *policy.Policy) *policy.Live {
	accepted := s.accepted()
	if err := os.MkdirAll(accepted.Dir, 0o700); err != nil {
		s.log.Error("held rules cannot be accepted", "err", err)
	}
	live := &policy.Live{
		Loader:   s.loader,
		Log:      s.log,
		Out:      s.screen.Writer(s.opts.Stderr),
		Accepted: accepted,
		Prepare:  s.prepare,
		Swap:     func(next *policy.Policy) { s.swap(ctx, next) },
		Recent:   func() ([]journal.Record, error) { return policy.Recent(journal.Dir(s.dir)) },
		Tell:     func(what, line string) { s.saved(ctx, what, line) },
		Ask:      func(q *policy.Question) { s.askOwners(ctx, q) },
		Void:     s.voidCards,
	}
	live.Begin(first)
	return live
}

// swap puts a policy in force.
func (s *server) swap(ctx context.Context, next *policy.Policy) {
	s.engine.Swap(next.Snapshot)
	s.hosts.PolicyChanged()
	s.remember(ctx, next)
}

// saved says what came of a save.
func (s *server) saved(ctx context.Context, what, line string) {
	s.hosts.PolicyChanged()
	s.notice(ctx, what, line, pipeline.User{})
	if what == "accepted" {
		s.change.Store(&line)
	}
	if _, _, r := s.live.Current(); what == "accepted" || r == nil || len(r.Held) == 0 {
		s.announceSave(line) // of a held save there is a card, which says it, and asks
	}
}

// remember keeps the policy in force: the next start is held against it.
func (s *server) remember(ctx context.Context, p *policy.Policy) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait)
	defer cancel()
	last := state.Policy{Rev: p.Snapshot.Rev, Files: p.Sources, At: time.Now()}
	err := s.store.SavePolicy(ctx, last)
	if err == nil {
		err = s.pin(ctx, p, last)
	}
	if err != nil {
		s.log.Error("the policy in force is not remembered", "rev", p.Snapshot.Rev, "err", err)
	}
}

// notice makes a policy event of what came of a save, for rules, hooks and the
// journal. What they reply goes where saves are announced.
func (s *server) notice(ctx context.Context, what, line string, by pipeline.User) {
	now := time.Now().UTC()
	run := s.engine.Judge(ctx, &pipeline.Event{ID: pipeline.EventID(ulid.Make().String()), Kind: pipeline.KindPolicy, User: by,
		Time:   pipeline.TimeOf(now),
		Notice: pipeline.Notice{What: what, Text: line}})
	for _, e := range run.Effects() {
		if reply, ok := e.(pipeline.Reply); ok {
			s.post(s.announceIn(), reply.Text)
		}
	}
}

// announceIn is the channel that [reload] announce names; "" is each
// platform's own.
func (s *server) announceIn() string { return policy.Of(s.engine.Snapshot()).File.Reload.Announce }

// announceSave posts the line where [reload] announce says.
func (s *server) announceSave(line string) {
	if name := s.announceIn(); name != "" {
		s.post(name, markdown.Inert(line))
	}
}

// post brings a text to a channel of every platform, as soon as each can be
// reached.
func (s *server) post(name, text string) {
	for _, p := range s.posters {
		p.in(name, func(channel string) { p.host.Announce(channel, s.screen.Hide(text)) })
	}
}
