package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/session"
	"ctpipe/internal/state"
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
	opts   *options
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
	loader *policy.Loader
	live   *policy.Live
	store  *state.Store
	book   *journal.Writer
	engine *pipeline.Engine
	lanes  *pipeline.Lanes
	hosts  session.Hosts
	boards []*board
	agents *agents
	memory *hookMemory
	kill   context.CancelFunc
	ended  context.CancelCauseFunc

	stateDir string
	pins     string            // where pins of state directories are; "" with -state
	tokens   map[string]string // by platform
	redact   func(string) string
	hides    atomic.Pointer[func(string) string] // redact, once the tokens are known
	change   atomic.Pointer[string]              // what the last accepted save changed
}

// serve runs ctpipe until ctx ends, somebody says !kill, or a chat refuses its
// token.
func serve(ctx context.Context, opts *options, stdout, stderr io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, ended := context.WithCancelCause(ctx)
	defer ended(nil)
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	s := &server{opts: opts, memory: newHookMemory(), stdout: stdout, stderr: stderr, hosts: session.Hosts{}, tokens: map[string]string{}, kill: kill, ended: ended}
	onDisk, err := s.load()
	if err != nil {
		return err
	}
	s.log = newLogger(stderr, onDisk.Config.LogLevel, s.hide)
	slog.SetDefault(s.log)
	defer s.shut()
	first, held, err := s.open(ctx, onDisk)
	if err != nil {
		return err
	}
	s.engine = pipeline.NewEngine(first.Snapshot, s.hosts, s.observe)
	alive, die := context.WithCancel(context.WithoutCancel(ctx)) // posts still go out while we stop
	defer die()
	s.lanes = pipeline.NewLanes(alive, s.log)
	s.agents = &agents{config: s.config, store: s.store, log: s.log, proved: map[string]string{}}
	s.announce(first)
	chats, err := s.connect(ctx, alive, first)
	if err != nil {
		return err
	}
	for _, c := range chats {
		s.boards = append(s.boards, newBoard(c))
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

// load reads the policy; one with errors is no policy, and ctpipe does not
// start.
func (s *server) load() (*policy.Policy, error) {
	path, err := filepath.Abs(s.opts.rules)
	if err != nil {
		return nil, &setupError{err}
	}
	self, _ := os.Executable()
	s.loader = &policy.Loader{Path: path, Flags: s.opts.given, Getenv: lookupEnv, Store: s.memory.memory,
		Stage:     stages.Build{Seen: stages.NewMemory(4096), Journal: func() error { return s.book.Healthy() }},
		Protected: append(cliFiles(), self)}
	sources, findings := s.loader.Read()
	if !diag.HasErrors(findings) {
		if err := s.place(sources[filepath.Base(path)]); err != nil {
			return nil, err
		}
	}
	p, sources, findings := s.loader.LoadFrom(sources, findings)
	if err := diag.Print(&hiding{s.stderr, s.hide}, findings, diag.Sources(sources)); err != nil {
		return nil, err
	}
	if p == nil {
		return nil, &setupError{fmt.Errorf("%s cannot be used: %s; ctpipe does not start without a policy", s.opts.rules, countErrors(findings))}
	}
	return p, nil
}

// open opens the state directory, finds out which policy may be in force, and
// opens the journal as that one says.
func (s *server) open(ctx context.Context, onDisk *policy.Policy) (first *policy.Policy, held []string, err error) {
	if s.store, err = state.Open(s.stateDir, state.WithLog(s.log)); err != nil {
		return nil, nil, &setupError{err}
	}
	s.memory.store, s.memory.log = s.store, s.log
	if err := s.memory.load(ctx); err != nil {
		return nil, nil, &setupError{err}
	}
	if first, held, err = s.choose(ctx, onDisk); err != nil {
		return nil, nil, err
	}
	if first, err = s.secure(ctx, first); err != nil {
		return nil, nil, err
	}
	s.book, err = journal.Open(journal.Config{Dir: journalDir(s.store.Dir()), Keep: first.File.Journal.Keep, Log: s.log})
	if err != nil {
		return nil, nil, &setupError{err}
	}
	return first, held, nil
}

// shut closes what open opened.
func (s *server) shut() {
	if s.book != nil {
		_ = s.book.Close() // it has said so in the log
	}
	if s.store != nil {
		s.store.Close()
	}
}

// cliFiles are what Claude's CLI and the shell obey in the home directory.
func cliFiles() []string {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range []string{".claude", ".claude.json", ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv",
		".zprofile", ".bash_logout", ".config/fish", ".gitconfig", ".config/git", ".ssh"} {
		out = append(out, filepath.Join(home, name))
	}
	return out
}

// observe writes every run into the journal, off the verdict's path, and counts
// for the headers what could not be judged.
func (s *server) observe(r *pipeline.Run) {
	s.hosts.Observe(r)
	verdict, _ := r.Verdict()
	s.book.Append(journal.Record{Event: *r.Event, Votes: r.Votes(), Verdict: verdict, Settings: r.Settings,
		Rev: r.Event.Rev, TookUS: r.Trace.Took.Microseconds(), Steps: r.Trace.Steps, Reads: r.Trace.Reads, Labels: labels(r)})
}

// labels are what hooks put on a run; nil for none.
func labels(r *pipeline.Run) map[string]string {
	var out map[string]string
	for _, e := range r.Effects() {
		if l, ok := e.(pipeline.Label); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[l.Key] = l.Value
		}
	}
	return out
}

// config is what the policy in force says.
func (s *server) config() rules.Config { return policy.Of(s.engine.Snapshot()).Config }

// announce says what was found, in the first two of three lines; the third,
// where the chat is, follows when it is there.
func (s *server) announce(p *policy.Policy) {
	fmt.Fprintf(s.stdout, "ctpipe %s · %s: rev %s in force · %d rules, %d hooks, %d tests\n", version, s.opts.rules,
		policy.Short(p.Snapshot.Rev), len(p.File.Rules), len(p.File.Hooks), len(p.File.Tests))
	argv, rehearses, err := s.agents.command()
	switch {
	case err != nil:
		fmt.Fprintf(s.stdout, "agent: %v\n", err)
	case rehearses && p.Config.Command == "":
		fmt.Fprintln(s.stdout, "agent: the rehearsal agent, scripted and not Claude: no `claude` on PATH (npm install -g @anthropic-ai/claude-code)")
	case rehearses:
		fmt.Fprintln(s.stdout, "agent: the rehearsal agent, scripted and not Claude, as [claude] command says")
	default:
		missing := ""
		if _, err := exec.LookPath(argv[0]); err != nil {
			missing = fmt.Sprintf(", which cannot be run (%v): no session can start; set -claude, CLAUDE_PATH or [claude] command", errors.Unwrap(err))
		}
		fmt.Fprintf(s.stdout, "agent: %s%s\n", argv[0], missing)
	}
	s.caution(p.Config)
}

// caution logs what a start does not fail on, but somebody should know of.
func (s *server) caution(c rules.Config) {
	dir := absDir(c.WorkingDir)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		s.log.Warn("no session can start in the working directory; set -dir or [claude] working_dir", "dir", dir, "err", err)
	}
	if c.Permissions == pipeline.ModeBypass {
		s.log.Warn("permissions are bypass: what nobody votes on runs without asking")
	}
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context, chats []*chat) {
	watch := &policy.Watcher{Files: s.live.Files, Changed: s.live.Changed, Log: s.log}
	var wait sync.WaitGroup
	wait.Go(func() {
		s.keep(ctx, policy.Of(s.engine.Snapshot()))
		watch.Run(ctx)
	})
	for _, c := range chats {
		wait.Go(func() {
			if err := c.client.Listen(ctx, c.host.Handler(c.state)); err != nil && ctx.Err() == nil {
				s.ended(fmt.Errorf("platform %s: %w", c.host.Platform, err))
			}
		})
	}
	for _, b := range s.boards {
		wait.Go(func() { b.run(ctx) })
	}
	wait.Go(func() { s.storeNotes(ctx) })
	wait.Go(debug.FreeOSMemory) // what building the first policy has left over
	wait.Go(func() { s.memory.keep(ctx) })
	<-ctx.Done()
	wait.Wait()
}

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

// storeNotes tells what opening the database found, once it is open.
func (s *server) storeNotes(ctx context.Context) {
	notes, err := s.store.Ready(ctx)
	for _, n := range notes {
		s.log.Warn(n)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("the state cannot be kept", "err", err)
	}
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
