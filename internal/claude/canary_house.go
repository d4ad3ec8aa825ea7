package claude

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// trapHouse is a home and a directory in which everything that must not happen
// leaves a trace.
type trapHouse struct {
	root, home, work string
	traces           string // directory of the traces; inside work, where the CLI's own path check lets commands write
	nonce            string // part of all names and secrets, so that none can be guessed or left over
}

// What may leave a trace, and the lock that was to prevent it.
var traces = map[string]Lock{
	"denied":       LockGate,
	"asked":        LockAsk,
	"user-command": LockShellLines,
	"user-skill":   LockShellLines,
	"repo-command": LockFileHooks,
	"user-hook":    LockFileHooks,
	"repo-hook":    LockFileHooks,
}

func buildTrapHouse() (h trapHouse, err error) {
	if h.root, err = os.MkdirTemp("", "ctpipe-canary-"); err != nil {
		return h, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(h.root)
		}
	}()
	if h.root, err = filepath.EvalSymlinks(h.root); err != nil {
		return h, err
	}
	h.home, h.work, h.traces = filepath.Join(h.root, "home"), filepath.Join(h.root, "work"), filepath.Join(h.root, "work", "traces")
	h.nonce = randomHex()
	err = os.MkdirAll(h.traces, 0o700)
	for name, content := range h.files() {
		if err == nil {
			err = writeTrap(filepath.Join(h.root, name), content)
		}
	}
	return h, err
}

func writeTrap(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o600)
}

// files are the traps: command and skill files with a shell line, settings
// with hooks, once as the operator's and once as the repository's, and a file
// to mention.
func (h trapHouse) files() map[string]string {
	return map[string]string{
		"home/.claude/commands/" + h.command() + ".md":     h.shellLine("user-command"),
		"home/.claude/skills/" + h.skill() + "/SKILL.md":   h.shellLine("user-skill"),
		"home/.claude/settings.json":                       h.settings("user-hook"),
		"work/.claude/commands/" + h.repoCommand() + ".md": h.shellLine("repo-command"),
		"work/.claude/settings.json":                       h.settings("repo-hook"),
		"work/" + h.mention():                              "The secret is " + h.secret() + ".\n",
	}
}

func (h trapHouse) command() string     { return "canary-command-" + h.nonce }
func (h trapHouse) skill() string       { return "canary-skill-" + h.nonce }
func (h trapHouse) repoCommand() string { return "canary-repo-" + h.nonce }
func (h trapHouse) mention() string     { return "note-" + h.nonce + ".txt" }
func (h trapHouse) secret() string      { return "secret-" + h.nonce }
func (h trapHouse) expansion() string   { return "expanded-" + h.nonce }

// touch is the shell command that leaves a trace.
func (h trapHouse) touch(trace string) string {
	return "touch '" + strings.ReplaceAll(filepath.Join(h.traces, trace), "'", `'\''`) + "'"
}

// shellLine is a command or skill file that runs a shell line when expanded.
func (h trapHouse) shellLine(trace string) string {
	return fmt.Sprintf("---\ndescription: canary %s\nallowed-tools: Bash(touch:*)\n---\n%s !`%s`\n",
		trace, h.expansion(), h.touch(trace))
}

// settings is a settings file whose hooks leave a trace.
func (h trapHouse) settings(trace string) string {
	hook := []any{map[string]any{"hooks": []any{map[string]any{"type": "command", "command": h.touch(trace)}}}}
	b, _ := json.Marshal(map[string]any{"hooks": map[string]any{ // maps of strings cannot fail
		"PreToolUse": hook, "UserPromptSubmit": hook, "SessionStart": hook}})
	return string(b)
}

// check reports the first lock that a trace speaks against.
func (h trapHouse) check() error {
	entries, err := os.ReadDir(h.traces)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		return &CanaryError{Lock: traces[e.Name()], Err: fmt.Errorf("a command ran that must not run (%s)", e.Name())}
	}
	return nil
}

// env overrides all that could lead the CLI to the operator's account, files
// or network. Spec cannot take variables away, so what is not ours is emptied.
func (h trapHouse) env(api *canaryAPI) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if passes(name) && foreign(name) {
			env = append(env, name+"=")
		}
	}
	return append(env, "HOME="+h.home, "CLAUDE_CONFIG_DIR="+filepath.Join(h.home, ".claude"),
		"XDG_CONFIG_HOME="+filepath.Join(h.home, ".config"), "XDG_CACHE_HOME="+filepath.Join(h.home, ".cache"),
		"XDG_DATA_HOME="+filepath.Join(h.home, ".local"), "XDG_STATE_HOME="+filepath.Join(h.home, ".state"),
		"XDG_RUNTIME_DIR="+h.root, "TMPDIR="+h.root, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
		"ANTHROPIC_BASE_URL="+api.url, "ANTHROPIC_API_KEY="+api.key, "CLAUDE_CODE_MAX_RETRIES=0")
}

// foreign tells what the throw-away CLI must not inherit.
func foreign(name string) bool {
	upper := strings.ToUpper(name)
	return hasAnyPrefix(upper, []string{"ANTHROPIC_", "CLAUDE_", "XDG_"}) || strings.HasSuffix(upper, "_PROXY")
}

func randomHex() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, since Go 1.24
	return hex.EncodeToString(b)
}

// lastLine is the end of a stderr, which holds the reason; otherwise where
// there is nothing.
func lastLine(stderr, otherwise string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	return cmp.Or(lines[len(lines)-1], otherwise)
}
