package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/rehearsal"
	"ctpipe/internal/home"
	"ctpipe/internal/rules"
	"ctpipe/internal/state"
)

// rehearsalName is what `[claude] command` says to get the rehearsal agent
// although there is a claude.
const rehearsalName = "rehearsal"

// agents starts Claude's CLI, or the rehearsal agent where there is none.
type agents struct {
	config func() rules.Config // in force now
	prover *claude.Prover
}

func newAgents(config func() rules.Config, store *state.Store, log *slog.Logger) *agents {
	return &agents{config: config, prover: claude.NewProver(proofs{store}, log)}
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
		return []string{home.Expand(name)}, false, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, true, fmt.Errorf("finding ctpipe's own binary: %w", err)
	}
	return []string{self, rehearsal.Subcommand}, true, nil
}

// label names the agent for people.
func (a *agents) label() string {
	argv, rehearses, err := a.command()
	switch {
	case err != nil:
		return "no agent"
	case rehearses:
		return "🎭 rehearsal agent (scripted, not Claude)"
	}
	return "Claude Code (" + filepath.Base(argv[0]) + ")"
}

// start starts an agent and waits until it has confirmed its gate, which for
// Claude's CLI is known to hold by then.
func (a *agents) start(ctx context.Context, s claude.Spec, h claude.Handler) (*claude.Process, error) {
	argv, rehearses, err := a.command()
	if err != nil {
		return nil, err
	}
	s.Command, s.FileHooks = argv, a.config().FileHooks
	if rehearses {
		return claude.StartReady(ctx, s, h)
	}
	return a.prover.Start(ctx, s, h)
}

// proofs keeps in the state which CLIs have passed the canary.
type proofs struct{ store *state.Store }

// Proof gives what the state has of a binary.
func (p proofs) Proof(ctx context.Context, key string) (claude.Proof, error) {
	kept, err := p.store.Canary(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return claude.Proof{}, nil
	}
	return claude.Proof{
		Binary:  claude.Binary{Key: key, Path: kept.Path, Size: kept.Size, ModTime: kept.ModTime},
		Version: kept.Version,
		Passed:  kept.Passed,
	}, err
}

// SaveProof puts a proof into the state.
func (p proofs) SaveProof(ctx context.Context, proof claude.Proof) error {
	return p.store.SaveCanary(ctx, state.Canary{
		Fingerprint: proof.Key,
		Path:        proof.Path,
		Size:        proof.Size,
		ModTime:     proof.ModTime,
		Version:     proof.Version,
		Passed:      proof.Passed,
	})
}
