package claude

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Proof says that a binary has passed the canary.
type Proof struct {
	Binary
	Version string    // what the CLI called itself then
	Passed  time.Time // zero: it has not
}

// Proofs keeps proofs over restarts, by the key of the binary. Its methods are
// called by one goroutine at a time.
type Proofs interface {
	// Proof gives what is kept for a key; the zero Proof if that is nothing.
	Proof(ctx context.Context, key string) (Proof, error)
	// SaveProof keeps a proof in place of an older one for the same key.
	SaveProof(ctx context.Context, p Proof) error
}

// Prover starts CLIs, each only once the canary has proved that its gate holds:
// once per binary, and again where a binary says that it is another version.
// It is safe for concurrent use.
type Prover struct {
	proofs Proofs
	log    *slog.Logger
	check  func(context.Context, Canary) (CanaryResult, error)
	start  func(context.Context, Spec, Handler) (*Process, error)

	mu     sync.Mutex        // one canary at a time
	proved map[string]string // key of a binary → version
}

// NewProver makes a Prover that has proved nothing yet. What proofs keeps
// counts; where it fails, the canary is asked again.
func NewProver(proofs Proofs, log *slog.Logger) *Prover {
	return &Prover{proofs: proofs, log: log, check: Check, start: StartReady, proved: map[string]string{}}
}

// Start is StartReady for a CLI whose gate is known to hold. It may take
// seconds where the CLI is new. Errors are those of StartReady, *StartError
// where there is no such CLI, and *CanaryError where its gate does not hold.
func (p *Prover) Start(ctx context.Context, s Spec, h Handler) (*Process, error) {
	bin, err := Fingerprint(s.Command)
	if err != nil {
		return nil, &StartError{Command: firstOf(s.Command), Err: err}
	}
	for again := false; ; again = true {
		proved, err := p.prove(ctx, bin, s.Command, again)
		if err != nil {
			return nil, err
		}
		proc, err := p.start(ctx, s, h)
		if err != nil {
			return nil, err
		}
		// A wrapper script keeps its fingerprint while the program behind it
		// changes: only the version that the process itself reports counts.
		init, _ := proc.initialized()
		if init.Version == proved {
			return proc, nil
		}
		proc.Stop(ctx)
		if again {
			return nil, fmt.Errorf("%s is version %s now, but %s when its gate was tried; no session starts on it", bin.Path, init.Version, proved)
		}
		p.log.Warn("this claude is another version than the one that was tried; it is tried again", "path", bin.Path)
	}
}

// prove runs the canary for a binary that has not passed it yet, or once more,
// and gives the version that passed. The result is kept over restarts; a
// failure is not, so that a mended CLI is tried again.
func (p *Prover) prove(ctx context.Context, bin Binary, argv []string, again bool) (version string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.proved[bin.Key]; ok && !again {
		return v, nil
	}
	known, err := p.proofs.Proof(ctx, bin.Key)
	if err != nil {
		p.log.Warn("cannot read the canary's result; it is asked again", "err", err)
	}
	if known.Passed.IsZero() || again {
		if known, err = p.try(ctx, bin, argv); err != nil {
			return "", err
		}
	}
	p.proved[bin.Key] = known.Version
	return known.Version, nil
}

// try runs the canary and keeps what comes of it.
func (p *Prover) try(ctx context.Context, bin Binary, argv []string) (Proof, error) {
	p.log.Info("trying the gate of a claude that is new here", "path", bin.Path)
	res, err := p.check(ctx, Canary{Command: argv, Log: p.log})
	if err != nil {
		return Proof{}, err
	}
	p.log.Info("the gate holds", "path", bin.Path, "version", res.Version, "took", res.Took.Round(time.Millisecond))
	proof := Proof{Binary: bin, Version: res.Version, Passed: time.Now()}
	if err := p.proofs.SaveProof(ctx, proof); err != nil {
		p.log.Warn("the canary's result is not kept", "err", err)
	}
	return proof, nil
}
