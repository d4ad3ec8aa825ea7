package claude

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The child's environment is an allow-list, because every command that Claude
// runs inherits all of it.
//
// Left out on purpose; the operator can add them one by one through Spec.Env:
//   - SSH_AUTH_SOCK: an unlocked agent signs for anyone who reaches it, also
//     where the key files themselves are protected by a passphrase.
//   - AWS_*, GOOGLE_*, CLAUDE_CODE_USE_BEDROCK/VERTEX: cloud accounts reach much
//     further than the model.
//   - CLAUDECODE, CLAUDE_PID, CLAUDE_CODE_*: left over when ctpipe itself was
//     started from within Claude Code, and confusing to the child.
//   - LD_*, NODE_OPTIONS, BASH_ENV and the like: they change what runs.
var (
	allowedEnv = []string{
		// who and where
		"HOME", "PATH", "USER", "LOGNAME", "SHELL", "TMPDIR",
		// language, terminal, time
		"LANG", "LANGUAGE", "TERM", "TZ",
		// Claude's account and settings. ANTHROPIC_* below: key, endpoint, models
		"CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CONFIG_DIR",
		// the way to the network, in both spellings that programs read
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
		"http_proxy", "https_proxy", "no_proxy", "all_proxy",
		"NODE_EXTRA_CA_CERTS",
	}
	// SSL_CERT_: FILE and DIR. XDG_: where programs keep configuration, data, sockets.
	allowedPrefixes = []string{"LC_", "XDG_", "ANTHROPIC_", "SSL_CERT_"}
	// Whatever else changes, nothing of ctpipe's own and nothing of
	// Mattermost's passes: Claude and its tools must not find a token. CT and
	// MM also cover the old spellings.
	refusedPrefixes = []string{"CT", "MM", "MATTERMOST"}
)

// markVar carries the process's mark to its descendants; see descendants.
const markVar = "AGENT_SPAWN_ID"

// buildEnv makes the child's environment from the daemon's own (base), the
// operator's extra pairs and what ctpipe sets; the later wins. Sorted.
func buildEnv(base, extra []string, hold time.Duration, mark string) []string {
	env := make(map[string]string)
	for _, kv := range base {
		if name, value, ok := strings.Cut(kv, "="); ok && passes(name) {
			env[name] = value
		}
	}
	for _, kv := range extra {
		if name, value, ok := strings.Cut(kv, "="); ok && !refused(name) {
			env[name] = value
		}
	}
	// A CLI that replaces itself is another one than the canary tried.
	env["DISABLE_AUTOUPDATER"] = "1"
	// Ten by default: a refused key would retry for minutes.
	env["CLAUDE_CODE_MAX_RETRIES"] = "3"
	env["CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS"] = "1"
	env["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1"
	if hold > 0 {
		env["CLAUDE_CODE_STREAM_EVENT_HOLD_MS"] = strconv.FormatInt(max(1, hold.Milliseconds()), 10)
	}
	env[markVar] = mark

	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// passes tells if a variable of the daemon reaches the child.
func passes(name string) bool {
	if refused(name) {
		return false
	}
	return slices.Contains(allowedEnv, name) || hasAnyPrefix(name, allowedPrefixes)
}

func refused(name string) bool { return hasAnyPrefix(strings.ToUpper(name), refusedPrefixes) }

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// validateEnv finds pairs that would be dropped or could not be passed. Values
// are not repeated in errors: they may be secret.
func validateEnv(extra []string) error {
	for i, kv := range extra {
		name, _, ok := strings.Cut(kv, "=")
		switch {
		case !ok || name == "":
			return fmt.Errorf("environment entry %d: KEY=VALUE was expected", i+1)
		case strings.ContainsRune(kv, 0):
			return fmt.Errorf("environment variable %q contains a NUL byte", name)
		case refused(name):
			return fmt.Errorf("environment variable %q: names that begin with %s never reach Claude",
				name, strings.Join(refusedPrefixes, ", "))
		}
	}
	return nil
}
