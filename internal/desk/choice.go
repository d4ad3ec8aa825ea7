package desk

import (
	"ctpipe/internal/display"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Choice is a prompt that no rule asked for: how to go on. Whoever's reaction
// counts makes it, and nothing else is decided by it.
type Choice struct {
	Text     string    `json:"text"`
	Seeds    []string  `json:"seeds,omitempty"`
	Message  string    `json:"message,omitempty"`  // context: the message that waits
	Earlier  []Earlier `json:"earlier,omitempty"`  // context: what the thread holds before it
	Options  []int     `json:"options,omitempty"`  // context: how many messages, by the number that is reacted with
	Dir      string    `json:"dir,omitempty"`      // worktree: where Claude works otherwise
	Required bool      `json:"required,omitempty"` // worktree: there is no otherwise
}

// Earlier is an earlier message of a thread, as it would be quoted.
type Earlier struct {
	Name     string `json:"name"`
	Text     string `json:"text"`
	Stranger bool   `json:"stranger,omitempty"` // its author has no part in the session
}

// contextWait is how long people may take to say what of the thread Claude is
// told; then it is nothing.
const contextWait = 30 * time.Second

// AskContext makes the prompt that asks how much of a thread goes along with a
// message.
func AskContext(message string, earlier []Earlier) *Prompt {
	options := contextOptions(len(earlier))
	var b strings.Builder
	fmt.Fprintf(&b, "🧵 **Include thread context?**\nThis thread has %s before this point.\n"+
		"React to include previous messages, or continue without context.\n", display.Counted(len(earlier), "message"))
	for i, n := range options {
		which := fmt.Sprintf("Last %d messages", n)
		if n == len(earlier) && !slices.Contains(usualOptions, n) {
			which = fmt.Sprintf("All %d messages", n)
		}
		b.WriteString("\n" + keycaps[i] + " " + which)
	}
	fmt.Fprintf(&b, "\n❌ No context (default after %ds)", int(contextWait/time.Second))
	seeds := append(slices.Clone(Numbers[:len(options)]), "x")
	return &Prompt{Kind: Context, TTL: contextWait,
		Choice: &Choice{Text: b.String(), Seeds: seeds, Message: message, Earlier: earlier, Options: options}}
}

var usualOptions = []int{3, 5, 10}

// contextOptions are the numbers that are offered for n earlier messages.
func contextOptions(n int) []int {
	var out []int
	for _, k := range usualOptions {
		if k <= n {
			out = append(out, k)
		}
	}
	if len(out) < 3 && (len(out) == 0 || out[len(out)-1] < n) {
		out = append(out, n)
	}
	return out
}

// Picked is how many messages a vote on a context prompt chooses: 0 for none.
func (c *Choice) Picked(v Vote) (n int, ok bool) {
	i := slices.Index(Numbers, v.Meaning)
	switch {
	case !v.Added:
	case i >= 0 && i < len(c.Options):
		return c.Options[i], true
	case v.Meaning == "stop" || v.Meaning == "deny":
		return 0, true
	}
	return 0, false
}

// AskWorktree makes the prompt that asks where Claude works. Where a worktree is
// required there is no way round it.
func AskWorktree(dir, why string, required bool, ttl time.Duration) *Prompt {
	c := &Choice{Text: why, Dir: dir, Required: required}
	if !required {
		c.Seeds = []string{"x"}
	}
	return &Prompt{Kind: Worktree, TTL: ttl, Choice: c}
}
