package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/rehearsal"
	"ctpipe/internal/rules"
	"ctpipe/internal/state"
)

// The rehearsal agent plays where it is named, or where nobody named a claude
// and there is none.
func TestWhichAgent(t *testing.T) {
	with, without := t.TempDir(), t.TempDir()
	found := filepath.Join(with, "claude")
	if err := os.WriteFile(found, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "/home/olga")
	plays := []string{self, rehearsal.Subcommand}
	for _, c := range []struct {
		path, command string
		argv          []string
		rehearses     bool
		label         string
	}{
		{with, "", []string{found}, false, "Claude Code (claude)"},
		{without, "", plays, true, "🎭 rehearsal agent (scripted, not Claude)"},
		{with, "rehearsal", plays, true, "🎭 rehearsal agent (scripted, not Claude)"},
		{with, "/opt/claude-2", []string{"/opt/claude-2"}, false, "Claude Code (claude-2)"},
		{without, "~/bin/claude", []string{"/home/olga/bin/claude"}, false, "Claude Code (claude)"},
	} {
		t.Setenv("PATH", c.path)
		a := &agents{config: func() rules.Config { return rules.Config{Command: c.command} }}
		argv, rehearses, err := a.command()
		if err != nil || !slices.Equal(argv, c.argv) || rehearses != c.rehearses || a.label() != c.label {
			t.Errorf("%q: %q, %v, %v, %q", c.command, argv, rehearses, err, a.label())
		}
	}
}

// SEC-01: a proof is the same after a restart; of a binary that is not known
// there is none, which is no error.
func TestProofsAreKept(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	want := claude.Proof{
		Binary:  claude.Binary{Path: "/usr/bin/claude", Size: 7, ModTime: time.Unix(1700000000, 123456789).UTC(), Key: "k"},
		Version: "2.1.330",
		Passed:  time.UnixMilli(1700000001000).UTC(),
	}
	for _, restarted := range []bool{false, true} {
		store, err := state.Open(dir, state.WithLog(log))
		if err != nil {
			t.Fatal(err)
		}
		p := proofs{store}
		if !restarted {
			if none, err := p.Proof(t.Context(), "k"); err != nil || !none.Passed.IsZero() {
				t.Errorf("%+v, %v", none, err)
			}
			if err := p.SaveProof(t.Context(), want); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := p.Proof(t.Context(), "k"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		store.Close()
	}
	closed, err := state.Open(dir, state.WithLog(log))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if got, err := (proofs{closed}).Proof(t.Context(), "k"); err == nil || !got.Passed.IsZero() {
		t.Errorf("of a state that is closed: %+v, %v", got, err)
	}
}
