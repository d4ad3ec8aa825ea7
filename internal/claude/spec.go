package claude

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Spec is everything one CLI process is started with, for every kind of start:
// new, resumed, restarted. There is no other place that builds argv or an
// environment for the CLI.
type Spec struct {
	// Command is the CLI: its path (or a name on PATH) and leading arguments.
	Command []string
	// Dir is the working directory; it must exist.
	Dir string
	// SessionID is a UUID: the id of the new session, or with Resume of the
	// session to take up. The CLI does not lock sessions: the caller makes
	// sure that only one process has it.
	SessionID string
	Resume    bool
	// Model is a model name or alias; empty is the CLI's own default.
	Model string
	// Mode is the CLI's permission mode, ModeDefault (also when empty) or
	// ModeAuto. There is no way to ask for bypass.
	Mode               string
	AppendSystemPrompt string
	Chrome             bool
	// Env holds KEY=VALUE pairs beside the allow-list of environ.go; they win
	// over it, but not over what ctpipe itself sets. Names of ctpipe and
	// Mattermost are refused.
	Env []string
	// FileHooks leaves hooks of settings files on. Such a hook can rewrite an
	// input after PreToolUse judged it: then never answer allow there, answer
	// ask, and allow at can_use_tool with the judged input.
	FileHooks bool
	// Hold joins stream deltas over this time (0: off). 100 to 250 ms suit a chat.
	Hold time.Duration
	// Limits bounds the process; zero fields have defaults.
	Limits Limits
	// Log gets one line per start, stop and protocol fault, with the session
	// id, never with content. nil discards.
	Log *slog.Logger
}

// The permission modes a process can be started in.
const (
	ModeDefault = "default"
	ModeAuto    = "auto"
)

// Limits bounds a process in memory and time.
type Limits struct {
	Line       int // bytes of one stdout line, 256 MiB; a longer one stops the process
	QueueLines int // lines waiting for the CLI to read them, 1024
	QueueBytes int // bytes waiting for the CLI to read them, 64 MiB
	Stderr     int // bytes of stderr kept, newest win, 64 KiB

	// The stages of Stop, each ended early by the exit.
	Interrupt time.Duration // for the reply to interrupt, 1 s (2–15 ms observed)
	Close     time.Duration // from closed stdin to SIGTERM, 5 s (0.2 s observed when idle)
	Term      time.Duration // from SIGTERM to SIGKILL, 5 s (2–3 s observed)
	Drain     time.Duration // for output that a surviving child holds open, 1 s
}

func (l Limits) withDefaults() Limits {
	setDefault(&l.Line, 256<<20)
	setDefault(&l.QueueLines, 1024)
	setDefault(&l.QueueBytes, 64<<20)
	setDefault(&l.Stderr, 64<<10)
	setDefault(&l.Interrupt, time.Second)
	setDefault(&l.Close, 5*time.Second)
	setDefault(&l.Term, 5*time.Second)
	setDefault(&l.Drain, time.Second)
	return l
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// maxArg is the kernel's limit for one argument or variable (MAX_ARG_STRLEN),
// less some room for the name.
const maxArg = 128<<10 - 4096

// validate finds what must not reach an argv, before anything is started.
func (s *Spec) validate() error {
	if len(s.Command) == 0 || s.Command[0] == "" {
		return errors.New("no command for the CLI")
	}
	if err := uuid.Validate(s.SessionID); err != nil || len(s.SessionID) != 36 {
		return fmt.Errorf("session id %q is not a UUID", s.SessionID)
	}
	if !slices.Contains([]string{"", ModeDefault, ModeAuto}, s.Mode) {
		return fmt.Errorf("permission mode %q: a process starts in %q or %q only", s.Mode, ModeDefault, ModeAuto)
	}
	if strings.HasPrefix(s.Model, "-") || strings.ContainsFunc(s.Model, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Errorf("model %q: a name without spaces that does not begin with a dash was expected", s.Model)
	}
	if len(s.AppendSystemPrompt) > maxArg {
		return fmt.Errorf("system prompt of %d bytes: at most %d fit on a command line", len(s.AppendSystemPrompt), maxArg)
	}
	if strings.ContainsRune(s.AppendSystemPrompt, 0) {
		return errors.New("system prompt contains a NUL byte")
	}
	return validateEnv(s.Env)
}

// settings are locks that close ways past the gate, each observed on the real CLI.
func (s *Spec) settings() string {
	locks := map[string]bool{
		// Shell lines in command and skill files run past both PreToolUse and can_use_tool.
		"disableSkillShellExecution": true,
		// In plan mode Bash would be judged by a server-side classifier, not by us.
		"useAutoModeDuringPlan": false,
	}
	if !s.FileHooks {
		// Another PreToolUse hook may rewrite the input after we judged it. The
		// callback registered over stdio stays.
		locks["disableAllHooks"] = true
	}
	text, _ := json.Marshal(locks) // a map of bools cannot fail
	return string(text)
}

// argv is the whole command line. No secret stands in it: every user of the
// machine can read it.
func (s *Spec) argv() []string {
	args := append(slices.Clone(s.Command), "-p",
		"--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
		"--include-partial-messages", "--permission-prompt-tool", "stdio",
		// What the repository brings (hooks, permissions, commands, MCP) is not loaded.
		"--setting-sources", "user", "--strict-mcp-config",
		"--settings", s.settings())
	if s.Resume {
		args = append(args, "--resume", s.SessionID)
	} else {
		args = append(args, "--session-id", s.SessionID)
	}
	if s.Model != "" {
		args = append(args, "--model", s.Model)
	}
	mode := s.Mode
	if mode == "" {
		mode = ModeDefault // the user's settings may name another default
	}
	args = append(args, "--permission-mode", mode)
	if s.AppendSystemPrompt != "" {
		args = append(args, "--append-system-prompt", s.AppendSystemPrompt)
	}
	if s.Chrome {
		args = append(args, "--chrome")
	}
	return args
}

// environ is the whole environment; mark is unique to the process and lets
// its descendants be found.
func (s *Spec) environ(mark string) []string { return buildEnv(os.Environ(), s.Env, s.Hold, mark) }
