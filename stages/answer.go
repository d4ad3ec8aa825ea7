package stages

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

type answer struct{ custom func() []CustomCommand }

// CustomCommand is a command that a hook brings.
type CustomCommand struct{ Name, Help string }

// newAnswer does what an allowed command of ctpipe's own says. Custom commands
// have already returned their effects through the hooks stage.
func newAnswer(b *Build) (pipeline.Stage, error) {
	return &answer{custom: func() []CustomCommand { return customCommands(b.Hooks) }}, nil
}

func (a *answer) Handle(_ context.Context, r *pipeline.Run) error {
	if !r.Allowed() {
		return nil
	}
	ev := r.Event
	if ev.Command.Slash {
		r.Do(pipeline.Prompt{Text: "/" + strings.TrimSpace(ev.Command.Name+" "+ev.Command.Text), From: ev.User, Slash: true})
		return nil
	}
	c, known := FindCommand(ev.Command.Name)
	switch {
	case !known && a.isCustom(ev.Command.Name):
	case !known:
		r.Do(pipeline.Reply{Text: a.unknown(ev.Command.Name)})
	case len(ev.Command.Args) < c.Needs, len(ev.Command.Args) > c.Takes:
		r.Do(pipeline.Reply{Text: "Usage: `" + c.Usage + "`"})
	case c.Name == "help":
		r.Do(pipeline.Reply{Text: a.helpFor(ev.Command.HelpFor)})
	case c.Control:
		r.Do(pipeline.Control{What: c.Name, Args: ev.Command.Args, Text: ev.Command.Text, By: ev.User, Raise: r.Settings.Raise})
	}
	return nil
}

func (a *answer) isCustom(name string) bool {
	for _, c := range a.custom() {
		if c.Name == name {
			return true
		}
	}
	return false
}

func (a *answer) unknown(name string) string {
	var names []string
	for _, c := range Commands {
		names = append(names, c.Name)
	}
	for _, c := range a.custom() {
		names = append(names, c.Name)
	}
	if short := []rune(name); len(short) > 40 {
		name = string(short[:40]) + "…"
	}
	text := "❓ " + CodeSpan("!"+name) + " is no command."
	if near := diag.Suggest(name, names); near != "" {
		text += fmt.Sprintf(" Did you mean `!%s`?", near)
	}
	return text + " `!help` lists them all."
}

// helpFor is the text of !help with or without the name of a command.
func (a *answer) helpFor(name string) string {
	if name == "" {
		return a.help()
	}
	if c, known := FindCommand(name); known {
		return fmt.Sprintf("`%s` — %s", c.Usage, c.Help)
	}
	for _, c := range a.custom() {
		if c.Name == name {
			return fmt.Sprintf("`!%s` — %s", c.Name, Plain(c.Help))
		}
	}
	return a.unknown(name)
}

// help is the text of !help; its first line carries the words people search
// for (behaviour, "One wording").
func (a *answer) help() string {
	var b strings.Builder
	b.WriteString("**Available commands** — **Commands:** `!stop` ends the session, `!escape` interrupts it\n\n| Command | Description |\n|:--|:--|\n")
	for _, c := range Commands {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Usage, c.Help)
	}
	for _, c := range a.custom() {
		fmt.Fprintf(&b, "| `!%s` | %s |\n", c.Name, Plain(c.Help))
	}
	b.WriteString("\n**Reactions:**\n- 👍 Approve action · ✅ Approve all · 👎 Deny\n- ⏸️ Interrupt current task (session stays active)\n- ❌ or 🛑 Stop session\n")
	return b.String()
}
