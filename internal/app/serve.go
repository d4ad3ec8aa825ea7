package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/secrets"
	"ctpipe/internal/session"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// closeWait bounds a graceful stop: threads are told, agents end, posts go out.
const closeWait = 15 * time.Second

// gcPercent lets the collector get into a verdict's way a quarter as often. The
// live heap is a few megabytes; idle, ctpipe stays under 30 MB all the same
// (TestFootprint).
const gcPercent = 400

// server is everything that runs, wired together.
type server struct {
	opts   Options
	log    *slog.Logger
	screen *secrets.Screen
	tokens map[string]string // by platform
	storage

	loader *policy.Loader
	live   *policy.Live
	change atomic.Pointer[string] // what the last accepted save changed
	engine *pipeline.Engine
	lanes  *pipeline.Lanes

	agents  *agents
	hosts   session.Hosts
	posters []*poster
	end     context.CancelCauseFunc // nil: it was asked for
}

// Serve runs ctpipe until ctx ends, somebody says !kill, or a chat refuses its
// token. A *SetupError says what must be mended before it can start; only a
// start and a refused token give errors.
func Serve(ctx context.Context, opts Options) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	s := &server{opts: opts, screen: secrets.NewScreen(stages.Redactor(&stages.Build{})), tokens: map[string]string{},
		storage: storage{memory: newHookMemory()}, hosts: session.Hosts{}, end: end}
	onDisk, err := s.load()
	if err != nil {
		return err
	}
	s.log = newLogger(opts.Stderr, onDisk.Config.LogLevel, s.screen.Hide)
	slog.SetDefault(s.log)
	defer s.storage.close()
	first, held, err := s.open(ctx, onDisk)
	if err != nil {
		return err
	}
	s.engine = pipeline.NewEngine(first.Snapshot, s.hosts, s.observe)
	alive, die := context.WithCancel(context.WithoutCancel(ctx)) // posts still go out while we stop
	defer die()
	s.lanes = pipeline.NewLanes(alive, s.log)
	s.agents = newAgents(s.config, s.store, s.log)
	s.announce(first)
	chats, err := s.connect(ctx, alive, first)
	if err != nil {
		return err
	}
	for _, c := range chats {
		s.posters = append(s.posters, newPoster(c))
	}
	s.live = s.watch(ctx, first)
	if len(held) > 0 {
		s.live.Hold(ctx, onDisk, held)
	}
	s.run(ctx, chats)
	s.stop(chats)
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// config is what the policy in force says.
func (s *server) config() rules.Config { return policy.Of(s.engine.Snapshot()).Config }

// run serves until ctx ends.
func (s *server) run(ctx context.Context, chats []*chat) {
	watch := &policy.Watcher{Files: s.live.Files, Changed: s.live.Changed, Log: s.log}
	var wait sync.WaitGroup
	wait.Go(func() {
		s.remember(ctx, policy.Of(s.engine.Snapshot()))
		watch.Run(ctx)
	})
	for _, c := range chats {
		wait.Go(func() {
			if err := c.client.Listen(ctx, c.host.Handler(c.state)); err != nil && ctx.Err() == nil {
				s.end(fmt.Errorf("platform %s: %w", c.host.Platform, err))
			}
		})
	}
	for _, p := range s.posters {
		wait.Go(func() { p.run(ctx) })
	}
	wait.Go(func() { s.storage.notes(ctx, s.log) })
	wait.Go(debug.FreeOSMemory) // what building the first policy has left over
	wait.Go(func() { s.memory.keep(ctx) })
	<-ctx.Done()
	wait.Wait()
}

// stop ends everything in order, within closeWait.
func (s *server) stop(chats []*chat) {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	s.log.Info("stopping")
	if _, _, refused := s.live.Current(); refused != nil {
		for _, h := range s.hosts {
			h.ClosePolicy(refused.Rev, "⏹️ **ctpipe stopped before this was answered**; it asks again when it starts")
		}
	}
	for _, h := range s.hosts {
		h.Close(ctx)
	}
	s.lanes.Close()
	s.memory.close(ctx)
	for _, c := range chats {
		c.close(ctx)
	}
}
