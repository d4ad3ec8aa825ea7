package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
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

	mu     sync.Mutex // one canary at a time
	proved map[string]bool
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

// Start starts an agent whose gate is known to hold.
func (a *agents) Start(ctx context.Context, s claude.Spec, h claude.Handler) (session.Agent, error) {
	argv, rehearses, err := a.command()
	if err != nil {
		return nil, err
	}
	s.Command = argv
	s.FileHooks = a.config().FileHooks
	if !rehearses {
		if err := a.prove(ctx, argv); err != nil {
			return nil, err
		}
	}
	p, err := claude.Start(ctx, s, h)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// prove runs the canary for a binary that has not passed it yet. The result
// is kept over restarts; a failure is not, so that a mended CLI is tried again.
func (a *agents) prove(ctx context.Context, argv []string) error {
	bin, err := claude.Fingerprint(argv)
	if err != nil {
		return &claude.StartError{Command: argv[0], Err: err}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proved[bin.Key] {
		return nil
	}
	known, err := a.store.Canary(ctx, bin.Key)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		a.log.Warn("cannot read the canary's result; it is asked again", "err", err)
	}
	if known.Passed.IsZero() {
		a.log.Info("trying the gate of a claude that is new here", "path", bin.Path)
		res, err := claude.Check(ctx, claude.Canary{Command: argv, Log: a.log})
		if err != nil {
			return err
		}
		a.log.Info("the gate holds", "path", bin.Path, "version", res.Version, "took", res.Took.Round(time.Millisecond))
		err = a.store.SaveCanary(ctx, state.Canary{Fingerprint: bin.Key, Path: bin.Path, Size: bin.Size,
			ModTime: bin.ModTime, Version: res.Version, Passed: time.Now()})
		if err != nil {
			a.log.Warn("the canary's result is not kept", "err", err)
		}
	}
	a.proved[bin.Key] = true
	return nil
}

// expandHome replaces a leading ~/ by the home directory.
func expandHome(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || (path != "~" && len(path) < 2) || path[0] != '~' || (len(path) > 1 && path[1] != '/') {
		return path
	}
	return filepath.Join(home, path[1:])
}
