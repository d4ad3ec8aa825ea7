package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/rules"
	"ctpipe/internal/session"
	"ctpipe/internal/state"
)

// rehearsalName is what `[claude] command` says to get the rehearsal agent
// although there is a claude.
const rehearsalName = "rehearsal"

// agents starts Claude's CLI, or the rehearsal agent where there is none. A
// CLI is proved once per binary before its first session.
type agents struct {
	config func() rules.Config // in force now
	store  *state.Store
	log    *slog.Logger

	mu     sync.Mutex        // one canary at a time
	proved map[string]string // fingerprint → version
}

// command is what to run now, and whether it is the rehearsal agent.
func (a *agents) command() (argv []string, rehearses bool, err error) {
	name := a.config().Command
	if name == "" {
		if path, err := exec.LookPath("claude"); err == nil {
			return []string{path}, false, nil
		}
	}
	if name != "" && name != rehearsalName {
		return []string{expandHome(name)}, false, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, true, fmt.Errorf("finding ctpipe's own binary: %w", err)
	}
	return []string{self, rehearsalCommand}, true, nil
}

// Label names the agent for people.
func (a *agents) Label() string {
	argv, rehearses, err := a.command()
	switch {
	case err != nil:
		return "no agent"
	case rehearses:
		return "🎭 rehearsal agent (scripted, not Claude)"
	}
	return "Claude Code (" + filepath.Base(argv[0]) + ")"
}

// readyWait bounds the time from spawning a CLI to its confirming the gate;
// half a second is usual (protocol.md, 2).
const readyWait = 30 * time.Second

// Start starts an agent whose gate is known to hold, and waits until it has
// confirmed the gate. A CLI that ends before that is an error; its Exit is then
// not reported.
func (a *agents) Start(ctx context.Context, s claude.Spec, h claude.Handler) (session.Agent, error) {
	argv, rehearses, err := a.command()
	if err != nil {
		return nil, err
	}
	s.Command, s.FileHooks = argv, a.config().FileHooks
	if rehearses {
		return a.spawn(ctx, s, h)
	}
	bin, err := claude.Fingerprint(argv)
	if err != nil {
		return nil, &claude.StartError{Command: argv[0], Err: err}
	}
	for again := false; ; again = true {
		proved, err := a.prove(ctx, bin, argv, again)
		if err != nil {
			return nil, err
		}
		p, err := a.spawn(ctx, s, h)
		if err != nil {
			return nil, err
		}
		// A wrapper script keeps its fingerprint while the program behind it
		// changes: only the version that the process itself reports counts.
		init, _ := p.Initialized()
		if init.Version == proved {
			return p, nil
		}
		p.Stop(ctx)
		if again {
			return nil, fmt.Errorf("%s is version %s now, but %s when its gate was tried; no session starts on it", bin.Path, init.Version, proved)
		}
		a.log.Warn("this claude is another version than the one that was tried; it is tried again", "path", bin.Path)
	}
}

// spawn starts a process and waits for its gate.
func (a *agents) spawn(ctx context.Context, s claude.Spec, h claude.Handler) (*claude.Process, error) {
	exit := h.Exit
	var fate atomic.Int32 // whichever comes first: handed over, or ended
	const handed, ended = 1, 2
	h.Exit = func(e claude.Exit) {
		if !fate.CompareAndSwap(0, ended) {
			exit(e)
		}
	}
	p, err := claude.Start(ctx, s, h)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	select {
	case <-p.Ready():
		if fate.CompareAndSwap(0, handed) {
			return p, nil
		}
		err = fmt.Errorf("claude ended at once: %s", lastWords(p.Stderr()))
	case <-p.Done():
		err = fmt.Errorf("claude ended before it was ready: %s", lastWords(p.Stderr()))
	case <-ctx.Done():
		err = fmt.Errorf("claude is not ready after %v", readyWait)
	}
	p.Stop(ctx)
	return nil, err
}

// lastWords is what a process that ended said last.
func lastWords(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return "it said nothing"
}

// prove runs the canary for a binary that has not passed it yet, or once more,
// and gives the version that passed. The result is kept over restarts; a
// failure is not, so that a mended CLI is tried again.
func (a *agents) prove(ctx context.Context, bin claude.Binary, argv []string, again bool) (version string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v, ok := a.proved[bin.Key]; ok && !again {
		return v, nil
	}
	known, err := a.store.Canary(ctx, bin.Key)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		a.log.Warn("cannot read the canary's result; it is asked again", "err", err)
	}
	if known.Passed.IsZero() || again {
		a.log.Info("trying the gate of a claude that is new here", "path", bin.Path)
		res, err := claude.Check(ctx, claude.Canary{Command: argv, Log: a.log})
		if err != nil {
			return "", err
		}
		a.log.Info("the gate holds", "path", bin.Path, "version", res.Version, "took", res.Took.Round(time.Millisecond))
		known = state.Canary{Fingerprint: bin.Key, Path: bin.Path, Size: bin.Size, ModTime: bin.ModTime,
			Version: res.Version, Passed: time.Now()}
		if err := a.store.SaveCanary(ctx, known); err != nil {
			a.log.Warn("the canary's result is not kept", "err", err)
		}
	}
	a.proved[bin.Key] = known.Version
	return known.Version, nil
}

// expandHome replaces a leading ~/ by the home directory.
func expandHome(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || (path != "~" && len(path) < 2) || path[0] != '~' || (len(path) > 1 && path[1] != '/') {
		return path
	}
	return filepath.Join(home, path[1:])
}
