package process

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"errors"
	"fmt"
	"strings"
)

// ExitText tells people how a process ended that nobody here asked to; fails is how
// often it did so without an answer.
func ExitText(how Ending, e claude.Exit, fails int) string {
	why := exitReason(e)
	switch how {
	case ExitAgain:
		return fmt.Sprintf("**[Exited: %d]**%s\n\n🔄 Claude is started again for the messages that wait.", e.Code, why)
	case ExitNever:
		return fmt.Sprintf("⚠️ **Session ended** before Claude could respond (exit code %d)%s. Please start a new session.", e.Code, why)
	case ExitForgotten:
		return "⚠️ **Session ended:** Claude does not have this conversation any more. Please start a new session."
	case ExitFails:
		return fmt.Sprintf("⚠️ **Session ended** after %d starts without an answer (exit code %d)%s. Please start a new session.", fails, e.Code, why)
	}
	return fmt.Sprintf("**[Exited: %d]**%s\n\n💡 Write here to resume.", e.Code, why)
}

// exitReason is why Claude ended, as far as it said so.
func exitReason(e claude.Exit) string {
	why := lastLine(e.Stderr)
	if e.Err != nil {
		why = e.Err.Error()
	}
	if why == "" {
		return ""
	}
	return ": " + markdown.Plain(paginate.Cut(why, 500))
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// CannotResume says that a session's directory is gone.
func CannotResume(dir string) string {
	return "⚠️ **Cannot resume session** - working directory no longer exists:\n" + markdown.CodeSpan(dir) + "\n\nPlease start a new session."
}

// StartAdvice says what people can do where a process could not be started.
func StartAdvice(err error) string {
	var start *claude.StartError
	if errors.As(err, &start) {
		return "\n\nCheck `[claude] command` and `working_dir` in rules.toml, then mention me again."
	}
	return "\n\nctpipe's log says more. Mention me again to retry."
}
