package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	bashTimeout = 60 * time.Second
	bashOutput  = 30_000 // bytes kept of each stream
)

// bash is the Bash tool: bash -c in the session's directory, in a process group
// of its own that ends with the call.
func (t *turn) bash(ctx context.Context, input map[string]any) outcome {
	command, _ := input["command"].(string)
	ctx, cancel := context.WithTimeout(ctx, bashTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", command)
	cmd.Dir, cmd.Env = t.dir, t.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var stdout, stderr capped
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	text := strings.TrimRight(stdout.String()+stderr.String(), "\n")
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return failure(fmt.Sprintf("Command timed out after %s\n%s", bashTimeout, text))
	case errors.As(err, &exit):
		return failure(strings.TrimRight(fmt.Sprintf("Exit code %d\n%s", exit.ExitCode(), text), "\n"))
	case err != nil:
		return failure("cannot run bash: " + err.Error())
	}
	result := frame{"stdout": strings.TrimRight(stdout.String(), "\n"), "stderr": strings.TrimRight(stderr.String(), "\n"),
		"interrupted": false, "isImage": false, "noOutputExpected": text == ""}
	if text == "" {
		text = "(Bash completed with no output)"
	}
	return outcome{text: text, result: result}
}

func failure(text string) outcome {
	return outcome{text: text, result: "Error: " + text, failed: true}
}

// capped keeps the beginning of what is written to it.
type capped struct {
	bytes.Buffer
	cut int
}

func (c *capped) Write(p []byte) (int, error) {
	keep := min(len(p), bashOutput-c.Buffer.Len())
	c.cut += len(p) - keep
	c.Buffer.Write(p[:keep])
	return len(p), nil
}

func (c *capped) String() string {
	if c.cut == 0 {
		return c.Buffer.String()
	}
	return fmt.Sprintf("%s\n[%d bytes left out]", c.Buffer.String(), c.cut)
}
