package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

var rulesCommand = Command{
	Name:     "rules",
	Usage:    "!rules",
	Help:     "which rules are in force, and what on disk is not",
	Anywhere: true,
	Do:       rules,
}

// RulesState is what !rules and !status say about the policy. It holds no
// secrets: findings name places and rules, never values.
type RulesState struct {
	Rev                 pipeline.Rev
	Since               time.Time
	Rules, Hooks, Tests int
	Change              string        // what the last accepted save changed, "" if none was since the start
	Refused             pipeline.Rev  // what is on disk and not in force
	Stale               time.Duration // for how long it has not been; 0 where disk and force agree
	Errors              []string      // why, each with its place: "rules.toml:72:18: …"
	Held                []string      // or what it would let through, where it waits for a person
	Circuits            []string      // hooks that do not run, since they timed out too often
}

// shownErrors is how many findings the thread sees.
const shownErrors = 5

func rules(_ context.Context, c Call) {
	st, ok := c.Host.Rules()
	if !ok {
		c.say("📜 Rules " + markdown.CodeSpan(pipeline.ShortRev(st.Rev)) + " are in force")
		return
	}
	c.say(st.text(c.Host.Now()))
}

func (st RulesState) text(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "📜 **Rules %s** in force since %s (%s ago)\n", markdown.CodeSpan(pipeline.ShortRev(st.Rev)), st.Since.Format("15:04"), display.Spoken(now.Sub(st.Since)))
	fmt.Fprintf(&b, "%s · %s · %s\n", display.Counted(st.Rules, "rule"), display.Counted(st.Hooks, "hook"), display.Counted(st.Tests, "test"))
	if st.Change != "" {
		b.WriteString("Last change: " + markdown.Inert(st.Change) + "\n")
	}
	if len(st.Circuits) > 0 {
		b.WriteString("⚠️ Hooks that do not run, since they timed out too often: " + markdown.Inert(strings.Join(st.Circuits, ", ")) + "; a save of theirs starts them again\n")
	}
	switch {
	case len(st.Held) > 0:
		fmt.Fprintf(&b, "\n✋ **A save is held**, since it lets more through:\n%s\nOn the machine that runs ctpipe, a person puts it in force with `ctpipe rules accept %s`\n", listed(st.Held), st.Refused)
	case len(st.Errors) > 0:
		fmt.Fprintf(&b, "\n⚠️ **What is on disk is not in force** (for %s):\n%s\n`ctpipe check` shows each in its place\n", display.Spoken(st.Stale), listed(st.Errors))
	default:
		b.WriteString("What is on disk is what is in force.\n")
	}
	return b.String()
}

// listed are the first of a list, each as a line of inert text.
func listed(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i == shownErrors {
			fmt.Fprintf(&b, "- … and %d more\n", len(lines)-i)
			break
		}
		b.WriteString("- " + markdown.Inert(markdown.CodeSpan(paginate.Cut(line, 300))) + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
