package worktree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// gitWait bounds one call of git. Checking out a large repository takes long.
const gitWait = 2 * time.Minute

// outputMost is how much of git's output is kept: a list of all worktrees or
// of all uncommitted files, hardly more.
const outputMost = 8 << 20

// harmless are the options that keep a repository from running anything of
// its own: hooks and settings come from whoever wrote the repository, Claude
// among them.
var harmless = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.pager=cat",
	"-c", "core.sshCommand=false",
	"-c", "core.askPass=",
	"-c", "protocol.ext.allow=never",
	"-c", "submodule.recurse=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "advice.detachedHead=false",
}

// GitError is git saying no, in git's own words.
type GitError struct {
	Args []string // without the options that every call has
	Code int      // exit code; -1 if git did not run or was ended
	Text string   // what git wrote to its standard error, trimmed
	err  error
}

func (e *GitError) Error() string {
	text := e.Text
	if text == "" && e.err != nil {
		text = e.err.Error()
	}
	return fmt.Sprintf("git %s: %s", strings.Join(e.Args, " "), text)
}

func (e *GitError) Unwrap() error { return e.err }

// git runs git in dir and returns what it writes to its standard output.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append(append([]string{}, harmless...), args...)...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	out, errs := limited{most: outputMost}, limited{most: 16 << 10}
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err == nil && out.cut {
		err = errors.New("git wrote too much to be believed")
	}
	if err == nil {
		return out.Bytes(), nil
	}
	fail := &GitError{Args: args, Code: -1, Text: strings.TrimSpace(errs.String()), err: err}
	if ctx.Err() != nil {
		fail.Text, fail.err = fmt.Sprintf("did not end within %s", gitWait), ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		fail.Code = exit.ExitCode()
	}
	return nil, fail
}

// environment is what git gets of ours: where it is and who the user is, none
// of the GIT_ variables, and nothing secret.
func environment() []string {
	env := []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat", "GIT_EDITOR=false", "LC_ALL=C"}
	for _, name := range []string{"PATH", "HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// limited keeps the beginning of what is written to it.
type limited struct {
	bytes.Buffer
	most int
	cut  bool
}

func (l *limited) Write(p []byte) (int, error) {
	if room := l.most - l.Len(); len(p) > room {
		l.cut = true
		l.Buffer.Write(p[:max(room, 0)])
		return len(p), nil
	}
	return l.Buffer.Write(p)
}
