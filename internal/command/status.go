package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

var statusCommand = Command{
	Name:     "status",
	Usage:    "!status",
	Help:     "what runs here, and how it is doing",
	Anywhere: true,
	Do:       status,
}

// SessionStatus is what !status says about a session.
type SessionStatus struct {
	State     string        // starting, idle, running, waiting, paused, ended
	Mode      pipeline.Mode // "" is the default one
	Verbosity string        // "" is the default one
	Dir       string
	Model     string // "" is Claude's own default
	Used      int    // tokens of the conversation; 0: not known yet
	Size      int    // tokens that it may have; 0: not known
	Cost      float64
	Turns     int
	Messages  int // that wait for Claude
	Cards     int // that are open
	Tasks     int // in the background
	Grants    int
	Idle      time.Duration // since anything happened
}

// HostStatus is what !status says about ctpipe.
type HostStatus struct {
	Version  string
	Agents   string // what runs as Claude
	Rev      pipeline.Rev
	Sessions int
	Most     int           // sessions at a time
	Timeout  time.Duration // of an idle session; 0 never
	Heard    bool          // there was word of the link to the chat
	Lost     bool          // the chat is out of reach
	Link     time.Duration // for how long that has been so
}

func status(_ context.Context, c Call) {
	st := c.Host.Status()
	var t factTable
	fmt.Fprintf(&t.text, "📊 **ctpipe v%s** · %s · rules %s\n\n| | |\n|:--|:--|\n", st.Version, markdown.Plain(st.Agents), markdown.CodeSpan(pipeline.ShortRev(st.Rev)))
	if c.Session != nil {
		t.session(c.Session.Status())
	}
	t.host(st)
	if rules, ok := c.Host.Rules(); ok {
		t.rules(rules)
	}
	c.say(t.text.String())
}

// factTable is a table of names and what they are.
type factTable struct{ text strings.Builder }

// row writes a row; a value may not end its cell.
func (t *factTable) row(name, format string, args ...any) {
	fmt.Fprintf(&t.text, "| **%s** | %s |\n", name, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

func (t *factTable) session(st SessionStatus) {
	t.row("State", "%s · mode %s · verbosity %s", st.State, cmp.Or(string(st.Mode), "default"), cmp.Or(st.Verbosity, "default"))
	t.row("Directory", "%s", strings.ReplaceAll(markdown.CodeSpan(shortPath(st.Dir)), "|", "\\|"))
	t.row("Model", "%s", markdown.Plain(cmp.Or(st.Model, "default")))
	t.row("Context", "%s", filled(st.Used, st.Size))
	t.row("Cost", "$%.2f in %s", st.Cost, display.Counted(st.Turns, "turn"))
	t.row("Waiting", "%s · %s · %s in the background", display.Counted(st.Messages, "message"), display.Counted(st.Cards, "open card"), display.Counted(st.Tasks, "task"))
	t.row("Grants", "%d", st.Grants)
	t.row("Idle", "%s", display.Spoken(st.Idle))
}

func (t *factTable) host(st HostStatus) {
	t.row("Sessions", "%d of %d", st.Sessions, st.Most)
	if st.Timeout > 0 {
		t.row("Limits", "idle sessions are paused after %s", display.Spoken(st.Timeout))
	}
	switch {
	case !st.Heard:
		t.row("Chat", "no word of the link yet")
	case st.Lost:
		t.row("Chat", "⚠️ out of reach for %s", display.Spoken(st.Link))
	default:
		t.row("Chat", "connected for %s", display.Spoken(st.Link))
	}
}

func (t *factTable) rules(st RulesState) {
	switch {
	case len(st.Held) > 0:
		t.row("Rules", "✋ a save is held for %s; `!rules` says more", display.Spoken(st.Stale))
	case st.Stale > 0:
		t.row("Rules", "⚠️ what is on disk is not in force, for %s; `!rules` says more", display.Spoken(st.Stale))
	}
	if len(st.Circuits) > 0 {
		t.row("Hooks", "⚠️ %d do not run; `!rules` says which", len(st.Circuits))
	}
}

// filled says how full the conversation is.
func filled(used, size int) string {
	switch {
	case used == 0:
		return "not known yet"
	case size == 0:
		return fmt.Sprintf("%dk tokens", (used+500)/1000)
	}
	return fmt.Sprintf("%d %% of %dk tokens", min(100, used*100/size), (size+500)/1000)
}
