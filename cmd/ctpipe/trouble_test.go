package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/internal/claude/claudetest"
)

// TestNotLoggedIn: a claude without an account says so in the thread, with
// what to do.
func TestNotLoggedIn(t *testing.T) {
	cli := claudetest.CLI(t)
	env := append(claudetest.Offline(), "HOME="+claudetest.Home(t))
	d := startCtpipe(t, shippedRules(t), env, "-claude", cli)
	alice := d.as("alice")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "Claude is not logged in", "/login")
}

// TestNoSuchClaude: the thread says that claude is missing, ctpipe lives on
// (RACE-05).
func TestNoSuchClaude(t *testing.T) {
	d := startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, "-claude", "/nowhere/claude")
	alice := d.as("alice")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "Claude could not be started", "/nowhere/claude", "rules.toml")
	again := alice.says("", "@claude-code hello")
	alice.sees(again, "Claude could not be started")
}

// TestPortTaken says which port is taken and how to take another.
func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.toml"), []byte(shippedRules(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-rules", filepath.Join(dir, "rules.toml"), "-state", filepath.Join(dir, "state"), "-listen", l.Addr().String())
	cmd.Env = []string{"HOME=" + dir}
	out, _ := cmd.CombinedOutput()
	for _, want := range []string{l.Addr().String(), "[playground] listen", "-listen"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
	if code := cmd.ProcessState.ExitCode(); code != exitBad {
		t.Errorf("exit code %d", code)
	}
}

// TestSecondDaemonIsRefused: one state directory belongs to one ctpipe
// (DATA-03).
func TestSecondDaemonIsRefused(t *testing.T) {
	d := rehearse(t)
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, d.cmd.Args[1:]...)
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitBad || !strings.Contains(string(out), "another ctpipe") {
		t.Errorf("exit %d, says:\n%s", cmd.ProcessState.ExitCode(), out)
	}
}
