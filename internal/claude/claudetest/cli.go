package claudetest

import (
	"os"
	"path/filepath"
	"testing"
)

// CLI returns the path of the pinned Claude Code CLI under e2e/. Where it is
// not installed the test is skipped, but fails when CI=true: there a missing
// CLI would hide that nothing was tested. With -short it is skipped too: each
// start of the CLI takes seconds.
func CLI(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("drives the Claude Code CLI, which takes seconds to start")
	}
	root := moduleRoot(t)
	path := filepath.Join(root, "e2e", "node_modules", ".bin", "claude")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	const missing = "the Claude Code CLI is not installed: run `npm ci` in e2e/"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Home makes an empty home directory for one CLI.
func Home(t testing.TB) string {
	t.Helper()
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	return home
}

// Env is everything the CLI needs beside PATH to talk to srv and to nobody
// else: KEY=VALUE pairs, with a new empty HOME. Put behind an inherited
// environment they also hide the account of whoever runs the test.
func Env(t testing.TB, srv *Server) []string {
	t.Helper()
	home := Home(t)
	return append(Offline(), "HOME="+home, "CLAUDE_CONFIG_DIR="+filepath.Join(home, ".claude"), "XDG_RUNTIME_DIR="+home,
		"TMPDIR="+home, "ANTHROPIC_BASE_URL="+srv.URL, "ANTHROPIC_API_KEY=dummy-key", "ANTHROPIC_AUTH_TOKEN=",
		"ANTHROPIC_CUSTOM_HEADERS=", "CLAUDE_CODE_OAUTH_TOKEN=", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
}

// Offline keeps the CLI from every request that is not part of a turn, and from
// retrying for minutes. With these only /v1/messages and count_tokens were seen
// on 2.1.330.
func Offline() []string {
	return []string{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1",
		"DISABLE_ERROR_REPORTING=1", "CLAUDE_CODE_MAX_RETRIES=1"}
}

// moduleRoot is the nearest directory upwards with a go.mod: tests run in
// their package's directory.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = up
	}
}
