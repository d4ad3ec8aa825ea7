package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ctpipe/internal/diag"
	"ctpipe/internal/home"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/state"
)

// StateDir finds the state directory as the daemon does: the flag, then
// CTPIPE_STATE, then what the last accepted policy said, then [state] dir, then
// the default. flag is the value of -state, "" for none.
func StateDir(rulesFile, flag string) (string, error) {
	flags := rules.Flags{}
	if flag != "" {
		flags["state"] = flag
	}
	src, _ := os.ReadFile(rulesFile) // without it, the environment and the default are left
	file, _ := rules.Parse(filepath.Base(rulesFile), src)
	if base := pinBase(flag, os.LookupEnv); base != "" {
		if abs, err := filepath.Abs(rulesFile); err == nil {
			if pinned, err := state.Pinned(base, abs); err == nil && pinned != "" {
				return pinned, nil // the file may name another one, and wait for that
			}
		}
	}
	config, _ := rules.Resolve(file, flags, os.LookupEnv)
	return namedStateDir(config)
}

// locate finds the state directory, before the first policy is built, which
// must protect it. A file that names another one than the last accepted policy
// did is held against that policy, in the old one.
func (s *server) locate(src []byte) error {
	file, _ := rules.Parse(filepath.Base(s.loader.Path), src)
	config, findings := rules.Resolve(file, s.opts.Flags, s.opts.Env.Lookup)
	if diag.HasErrors(findings) {
		return nil // Build reports them, with all others
	}
	dir, err := namedStateDir(config)
	if err != nil {
		return &SetupError{err}
	}
	if base := pinBase(s.opts.Flags["state"], s.opts.Env.Lookup); base != "" {
		s.pins = base
		pinned, err := state.Pinned(base, s.loader.Path)
		if err != nil {
			return &SetupError{err}
		}
		if pinned != "" && pinned != dir {
			fmt.Fprintf(s.opts.Stderr, "ctpipe: the state of %s is in %s, and stays there until a policy that says otherwise was in force: ctpipe -state %s starts with the other one\n",
				s.opts.Rules, pinned, dir)
			dir = pinned
		}
	}
	s.dir = dir
	s.loader.Protected = append(s.loader.Protected, dir)
	if s.pins != "" {
		s.loader.Protected = append(s.loader.Protected, filepath.Join(s.pins, "pins"))
	}
	return nil
}

// pinBase is where pins of state directories are: "" where the command line or
// the environment names the state directory, and the file has no say in it.
func pinBase(flag string, lookup func(string) (string, bool)) string {
	if named, ok := lookup("CTPIPE_STATE"); flag != "" || ok && named != "" {
		return ""
	}
	base, err := state.DefaultDir(os.Getenv)
	if err != nil {
		return ""
	}
	return base
}

// namedStateDir is the state directory that a policy names.
func namedStateDir(config rules.Config) (string, error) {
	dir := home.Expand(config.StateDir)
	if dir == "" {
		var err error
		if dir, err = state.DefaultDir(os.Getenv); err != nil {
			return "", err
		}
	}
	return filepath.Abs(dir)
}

// pin keeps where the accepted policy has its state. Where it names another
// directory, what was accepted is told there too, so that the next start, which
// looks there, has something to hold a file against.
func (s *server) pin(ctx context.Context, p *policy.Policy, last state.Policy) error {
	dir, err := namedStateDir(p.Config)
	if err != nil || s.pins == "" {
		return err
	}
	if dir != s.dir {
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
