package app

import (
	"os"
	"path/filepath"
	"testing"

	"ctpipe/internal/state"
)

// The state directory is what the flag says, then the variable, then what the
// last accepted policy said, then the file, then the default.
func TestStateDirPrecedence(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("CTPIPE_STATE", "")
	standard, err := state.DefaultDir(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	rulesFile := filepath.Join(t.TempDir(), "rules.toml")
	want := func(what, dir, flag string) {
		t.Helper()
		if got, err := StateDir(rulesFile, flag); err != nil || got != dir {
			t.Errorf("%s: %q, %v; want %q", what, got, err, dir)
		}
	}
	want("nothing says anything", standard, "")
	if err := os.WriteFile(rulesFile, []byte("[state]\ndir = \"~/mine\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want("the file", filepath.Join(home, "mine"), "")
	if err := state.SetPinned(standard, rulesFile, "/accepted"); err != nil {
		t.Fatal(err)
	}
	want("the last accepted policy", "/accepted", "")
	t.Setenv("CTPIPE_STATE", "/variable")
	want("the variable", "/variable", "")
	want("the flag", "/flag", "/flag")
	t.Setenv("CTPIPE_STATE", "")
	want("the flag, over what was accepted", "/flag", "/flag")
}

// Whoever names the state directory needs no pin of it.
func TestPinBase(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", "")
	standard, err := state.DefaultDir(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag, variable string
		set            bool
		want           string
	}{
		{want: standard},
		{set: true, want: standard},
		{variable: "/v", set: true},
		{flag: "/f"},
		{flag: "/f", variable: "/v", set: true},
	} {
		got := pinBase(c.flag, func(string) (string, bool) { return c.variable, c.set })
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
