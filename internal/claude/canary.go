package claude

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"
)

// Canary asks whether one CLI obeys the locks that ctpipe relies on. It is
// asked once per binary (see Fingerprint) before any session starts on it.
type Canary struct {
	Command []string     // as in Spec
	Log     *slog.Logger // nil discards
}

// CanaryResult is a CLI that obeyed every lock.
type CanaryResult struct {
	Binary
	// Version is what the CLI called itself. A session whose CLI reports
	// another one runs a binary that the canary has not seen: a wrapper script
	// keeps its fingerprint while the program behind it changes.
	Version string
	Took    time.Duration
}

// Lock names a way past the gate and what closes it.
type Lock string

// The locks, in the order they are tried.
const (
	LockGate       Lock = "PreToolUse callback"                // a denial at PreToolUse denies
	LockAsk        Lock = "can_use_tool"                       // an ask comes to can_use_tool, and its denial denies
	LockMention    Lock = "client_composed, @file"             // no file enters the prompt
	LockSlash      Lock = "client_composed, /command"          // composed text is no command
	LockShellLines Lock = "disableSkillShellExecution"         // shell lines in command and skill files
	LockFileHooks  Lock = "disableAllHooks, --setting-sources" // hooks and commands of files
)

// CanaryError says that a CLI is not to be used, and why. An empty Lock means
// that the trial itself could not be brought to its end, which proves nothing.
type CanaryError struct {
	Lock    Lock
	Command string
	Version string
	Err     error
}

// Error implements error.
func (e *CanaryError) Error() string {
	who := e.Command
	if e.Version != "" {
		who += " (" + e.Version + ")"
	}
	if e.Lock == "" {
		return fmt.Sprintf("the canary could not try %s: %v", who, e.Err)
	}
	return fmt.Sprintf("%s does not obey the lock %q: %v", who, string(e.Lock), e.Err)
}

// Unwrap gives the cause.
func (e *CanaryError) Unwrap() error { return e.Err }

// canaryTimeout bounds the whole trial; on 2.1.330 it takes about 1.5 s.
const canaryTimeout = 30 * time.Second

// Check runs a throw-away CLI with a home, a directory and a Messages API of
// its own (loopback, random key), started like every session, and tries each
// lock on it. It needs no network and shows the CLI none of the operator's
// credentials or files. Errors are *CanaryError, but for ctx's end: nothing
// was learned then. The caller keeps the result.
func Check(ctx context.Context, c Canary) (CanaryResult, error) {
	start := time.Now()
	fail := func(err error) (CanaryResult, error) {
		return CanaryResult{}, &CanaryError{Command: firstOf(c.Command), Err: err}
	}
	binary, err := Fingerprint(c.Command)
	if err != nil {
		return fail(err)
	}
	house, err := buildTrapHouse()
	if err != nil {
		return fail(fmt.Errorf("preparing its home: %w", err))
	}
	defer c.tearDown(house)
	api, err := serveCanary()
	if err != nil {
		return fail(fmt.Errorf("serving its API: %w", err))
	}
	defer api.close()

	trial, cancel := context.WithTimeoutCause(ctx, canaryTimeout, errCanaryTime)
	defer cancel()
	version, err := c.try(trial, house, api)
	if err != nil && ctx.Err() != nil {
		return CanaryResult{}, fmt.Errorf("the canary of %s: %w", c.Command[0], context.Cause(ctx))
	}
	var broken *CanaryError
	if errors.As(err, &broken) {
		broken.Command, broken.Version = binary.Path, version
		return CanaryResult{}, broken
	}
	if err != nil {
		return fail(err)
	}
	return CanaryResult{Binary: binary, Version: version, Took: time.Since(start)}, nil
}

var errCanaryTime = fmt.Errorf("it did not finish within %s", canaryTimeout)

// try starts the CLI, walks through the probes and ends it again.
func (c Canary) try(ctx context.Context, house trapHouse, api *canaryAPI) (version string, err error) {
	run := newCanaryRun(house, api)
	p, err := Start(ctx, Spec{Command: c.Command, Dir: house.work, SessionID: uuid.NewString(),
		Env: house.env(api), Log: c.Log}, run.handler())
	if err != nil {
		return "", err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		exit := p.Stop(stop)
		if err == nil {
			err = house.check() // also for what only ran at the end
		}
		if err != nil && exit.Stderr != "" && c.Log != nil {
			c.Log.Debug("the canary's CLI said", "stderr", exit.Stderr)
		}
	}()
	run.process.Store(p)
	select {
	case <-p.Ready():
	case <-p.Done():
		return "", fmt.Errorf("the CLI ended before it was ready: %s", lastLine(p.Stderr(), "no reason on stderr"))
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	init, _ := p.initialized()
	return init.Version, run.probes(ctx)
}

// tearDown runs after the CLI and all it started are gone.
func (c Canary) tearDown(house trapHouse) {
	if err := os.RemoveAll(house.root); err != nil && c.Log != nil {
		c.Log.Warn("the canary's home could not be removed", "err", err)
	}
}

func firstOf(command []string) string {
	if len(command) == 0 {
		return "no command"
	}
	return command[0]
}
