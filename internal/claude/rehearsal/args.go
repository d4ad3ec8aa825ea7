package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// version is what the agent reports in the place of the CLI's version.
const version = "0.0.0-rehearsal"

const defaultDelay = 15 * time.Millisecond

// options are the flags of the CLI that mean something here. All others are
// accepted and ignored, as the host passes the same line to both.
type options struct {
	session  string
	mode     string
	model    string
	partials bool
	asks     bool // --permission-prompt-tool stdio: somebody answers can_use_tool
	resumed  bool
	version  bool
	states   bool // CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1
	delay    time.Duration
}

// parse reads args. --rehearsal-delay=DURATION, which the CLI does not have,
// sets the pause between two pieces of text.
func parse(args, env []string) (options, error) {
	o := options{session: uuid.NewString(), mode: "default", model: "rehearsal", delay: defaultDelay,
		states: slices.Contains(env, "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1")}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		next := func() string {
			if !joined && i+1 < len(args) {
				i++
				value = args[i]
			}
			return value
		}
		switch name {
		case "--version", "-v":
			o.version = true
		case "--include-partial-messages":
			o.partials = true
		case "--session-id":
			o.session = next()
		case "--resume", "-r":
			o.session, o.resumed = next(), true
		case "--permission-mode":
			o.mode = next()
		case "--model":
			o.model = next()
		case "--permission-prompt-tool":
			o.asks = next() == "stdio"
		case "--rehearsal-delay":
			d, err := time.ParseDuration(next())
			if err != nil || d < 0 {
				return o, fmt.Errorf("--rehearsal-delay: %q is not a duration such as 15ms", value)
			}
			o.delay = d
		}
	}
	if _, err := uuid.Parse(o.session); err != nil {
		return o, fmt.Errorf("session id %q is not a UUID", o.session)
	}
	return o, nil
}
