package claude_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/claudetest"
)

// wrapper makes a CLI out of a shell script in which $CLI is the real one.
func wrapper(t *testing.T, script string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "claude")
	text := "#!/bin/bash\nCLI='" + claudetest.CLI(t) + "'\n" + script + "\n"
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

// without is a script that runs the CLI without one flag and its value.
func without(flag string) string {
	return `args=(); while [ $# -gt 0 ]; do if [ "$1" = ` + flag + ` ]; then shift 2; else args+=("$1"); shift; fi; done; exec "$CLI" "${args[@]}"`
}

// edited is a script that runs the CLI with its stdin passed through sed.
func edited(sed string) string { return `sed -u '` + sed + `' | "$CLI" "$@"` }

// TestCanaryPassesTheRealCLI covers P5 on the pinned CLI.
func TestCanaryPassesTheRealCLI(t *testing.T) {
	t.Parallel()
	got, err := claude.Check(t.Context(), claude.Canary{Command: []string{claudetest.CLI(t)}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Version == "" || got.Key == "" || got.Size == 0 {
		t.Errorf("result %+v", got)
	}
	t.Logf("version %s in %s", got.Version, got.Took)
}

// TestCanaryFindsABrokenLock takes one lock away at a time, by standing between
// ctpipe and the real CLI, and wants the canary to name it.
func TestCanaryFindsABrokenLock(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, script string
		lock         claude.Lock
	}{
		{"denials become allows", edited(`s/"permissionDecision":"deny"/"permissionDecision":"allow"/`), claude.LockGate},
		{"no gate registered", edited(`s/"PreToolUse":/"PostToolUse":/`), claude.LockGate},
		{"denials at can_use_tool become allows", edited(`s/"behavior":"deny"/"behavior":"allow"/`), claude.LockAsk},
		{"an ask becomes an allow", edited(`s/"permissionDecision":"ask"/"permissionDecision":"allow"/`), claude.LockAsk},
		{"client_composed dropped for mentions", edited(`/@note/s/"client_composed":true/"client_composed":false/`), claude.LockMention},
		{"client_composed dropped for commands", edited(`/canary-command/s/"client_composed":true/"client_composed":false/`), claude.LockSlash},
		{"settings ignored", without("--settings"), ""},
		{"shell lines not disabled", `exec "$CLI" "${@/\"disableSkillShellExecution\":true/\"disableSkillShellExecution\":false}"`, claude.LockShellLines},
		{"file hooks not disabled", `exec "$CLI" "${@/\"disableAllHooks\":true/\"disableAllHooks\":false}"`, claude.LockFileHooks},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := claude.Check(t.Context(), claude.Canary{Command: wrapper(t, c.script)})
			var broken *claude.CanaryError
			if !errors.As(err, &broken) {
				t.Fatalf("the canary passed: %v", err)
			}
			if broken.Lock == "" || c.lock != "" && broken.Lock != c.lock {
				t.Errorf("named the lock %q, want %q: %v", broken.Lock, c.lock, err)
			}
			if !strings.Contains(err.Error(), broken.Command) {
				t.Errorf("the error does not name the CLI: %v", err)
			}
		})
	}
}

// TestCanaryNeedsATrial: a CLI that cannot be tried is not used either.
func TestCanaryNeedsATrial(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"none": nil, "missing": {filepath.Join(t.TempDir(), "claude")},
		"exits": scripted(t, "echo no licence >&2; exit 3"), "says nothing of hooks": scripted(t, "cat >/dev/null")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			_, err := claude.Check(ctx, claude.Canary{Command: command})
			if err == nil {
				t.Fatal("the canary passed")
			}
			if name == "exits" && !strings.Contains(err.Error(), "no licence") {
				t.Errorf("the reason is lost: %v", err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// scripted is a CLI that is nothing but a shell script.
func scripted(t *testing.T, script string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "claude")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

func TestFingerprintFollowsTheBinary(t *testing.T) {
	t.Parallel()
	command := scripted(t, "exit 0")
	first, err := claude.Fingerprint(command)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(command[0], link); err != nil {
		t.Fatal(err)
	}
	if linked, err := claude.Fingerprint([]string{link}); err != nil || linked.Key != first.Key {
		t.Errorf("a link has another key: %v", err)
	}
	keys := map[string]string{first.Key: "as it was"}
	differs := func(what string, command []string) {
		t.Helper()
		b, err := claude.Fingerprint(command)
		if err != nil || keys[b.Key] != "" {
			t.Errorf("%s: same key as %q, err %v", what, keys[b.Key], err)
		}
		keys[b.Key] = what
	}
	differs("with an argument", append(command, "-x"))
	touched := first.ModTime.Add(time.Nanosecond)
	if err := os.Chtimes(command[0], touched, touched); err != nil {
		t.Fatal(err)
	}
	differs("a nanosecond younger", command)
	if err := os.WriteFile(command[0], []byte("#!/bin/sh\nexit 1 # longer\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(command[0], touched, touched); err != nil {
		t.Fatal(err)
	}
	differs("another size", command)
	if _, err := claude.Fingerprint([]string{filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("a missing CLI has a fingerprint")
	}
}

// TestCanaryShowsNoCredentials runs with an operator's environment full of
// them, and looks at what the throw-away CLI was given.
func TestCanaryShowsNoCredentials(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs bash")
	}
	given := filepath.Join(t.TempDir(), "environ")
	command := wrapper(t, "env > '"+given+"'\nexec \"$CLI\" \"$@\"")
	for _, name := range []string{"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_CODE_OAUTH_TOKEN", "CTPIPE_TOKEN", "SSH_AUTH_SOCK"} {
		t.Setenv(name, "operators-secret")
	}
	tmp := t.TempDir() // of its own, to see what is left behind
	t.Setenv("TMPDIR", tmp)
	t.Setenv("CLAUDE_CONFIG_DIR", "/operators-home/.claude")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if _, err := claude.Check(t.Context(), claude.Canary{Command: command}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(given)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"operators-secret", "operators-home", "127.0.0.1:1\n"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the environment holds %q", secret)
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
