package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ctpipe/internal/diag"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/state"
	"ctpipe/stages"
)

// place finds the state directory, before the first policy is built, which
// must protect it. A file that names another one than the last accepted policy
// did is held against that policy, in the old place.
func (s *server) place(src []byte) error {
	file, _ := rules.Parse(filepath.Base(s.loader.Path), src)
	config, findings := rules.Resolve(file, s.opts.given, lookupEnv)
	if diag.HasErrors(findings) {
		return nil // Build reports them, with all others
	}
	dir, err := s.stateDirOf(config)
	if err != nil {
		return &setupError{err}
	}
	if base := pinBase(s.opts.given["state"]); base != "" {
		s.pins = base
		pinned, err := state.Pinned(base, s.loader.Path)
		if err != nil {
			return &setupError{err}
		}
		if pinned != "" && pinned != dir {
			fmt.Fprintf(s.stderr, "ctpipe: the state of %s is in %s, and stays there until a policy that says otherwise was in force: ctpipe -state %s starts with the other one\n",
				s.opts.rules, pinned, dir)
			dir = pinned
		}
	}
	s.stateDir = dir
	s.loader.Protected = append(s.loader.Protected, dir)
	if s.pins != "" {
		s.loader.Protected = append(s.loader.Protected, filepath.Join(s.pins, "pins"))
	}
	return nil
}

// pinBase is where pins of state directories are: "" where the command line or
// the environment names the state directory, and the file has no say in it.
func pinBase(flag string) string {
	if named, ok := lookupEnv("CTPIPE_STATE"); flag != "" || ok && named != "" {
		return ""
	}
	base, err := state.DefaultDir(os.Getenv)
	if err != nil {
		return ""
	}
	return base
}

// stateDirOf is the state directory that a policy names.
func (s *server) stateDirOf(config rules.Config) (string, error) {
	dir := expandHome(config.StateDir)
	if dir == "" {
		var err error
		if dir, err = state.DefaultDir(os.Getenv); err != nil {
			return "", err
		}
	}
	return filepath.Abs(dir)
}

// secure gets the tokens of the policy that is going to be in force: one that
// waits for a person has no command run and no server spoken to. From then on
// nothing shows them.
func (s *server) secure(ctx context.Context, p *policy.Policy) (*policy.Policy, error) {
	for _, conf := range p.Config.Platforms {
		token, err := platformToken(ctx, conf)
		if err != nil {
			return nil, &setupError{err}
		}
		s.tokens[conf.ID] = token
		s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, token)
	}
	s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, slices.Collect(maps.Values(tokens))...)
	s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, stages.SecretValues(os.Environ())...)
	s.redact = stages.Redactor(&s.loader.Stage)
	s.hides.Store(&s.redact)
	next, err := s.loader.Rechain(p)
	if err != nil {
		return nil, &setupError{err}
	}
	return next, nil
}

// hide takes credentials out of what is logged: by their forms from the first
// line, by their values as soon as those are known.
func (s *server) hide(text string) string {
	if redact := s.hides.Load(); redact != nil {
		return (*redact)(text)
	}
	return formsOnly(text)
}

var formsOnly = stages.Redactor(&stages.Build{})

// hiding is a writer for what people read, without credentials. What is
// written at once must hold them whole.
type hiding struct {
	to   io.Writer
	hide func(string) string
}

// Write writes p without credentials.
func (h *hiding) Write(p []byte) (int, error) {
	if _, err := io.WriteString(h.to, h.hide(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pinned keeps where the accepted policy has its state. Where it names another
// place, what was accepted is told there too, so that the next start, which
// looks there, has something to hold a file against.
func (s *server) pinned(ctx context.Context, p *policy.Policy, last state.Policy) error {
	dir, err := s.stateDirOf(p.Config)
	if err != nil || s.pins == "" {
		return err
	}
	if dir != s.stateDir {
		store, err := state.Open(dir, state.WithLog(s.log))
		if err != nil {
			return fmt.Errorf("the state directory that the next start uses: %w", err)
		}
		defer store.Close()
		if err := store.SavePolicy(ctx, last); err != nil {
			return err
		}
	}
	return state.SetPinned(s.pins, s.loader.Path, dir)
}
