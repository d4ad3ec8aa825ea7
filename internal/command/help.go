package command

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

var helpCommand = Command{
	Name:     "help",
	Bare:     []string{"help"},
	Usage:    "!help [command]",
	Takes:    1,
	Help:     "this list, or what one command does",
	Anywhere: true,
	Alone:    true,
	Answer:   func(r Request) pipeline.Effect { return pipeline.Reply{Text: help(r)} },
}

// help is the text of !help with or without the name of a command. It says the
// same to everybody, and nothing about this machine.
func help(r Request) string {
	name := r.Command.HelpFor
	if name == "" {
		return helpOnAll(r.Own, r.Custom)
	}
	for _, c := range r.Own {
		if slices.Contains(c.names(), name) {
			return fmt.Sprintf("`%s` — %s", c.Usage, c.Help)
		}
	}
	var names []string
	for _, c := range r.Custom {
		if c.Name == name {
			return fmt.Sprintf("`!%s` — %s", c.Name, markdown.Plain(c.Help))
		}
		names = append(names, c.Name)
	}
	for _, c := range r.Own {
		names = append(names, c.names()...)
	}
	return unknown(name, names)
}

// helpOnAll lists all commands; its first line carries the words people search
// for.
func helpOnAll(own []Command, custom []Custom) string {
	var b strings.Builder
	b.WriteString("**Available commands** — **Commands:** `!stop` ends the session, `!escape` interrupts it\n\n")
	b.WriteString(Table(own))
	for _, c := range custom {
		fmt.Fprintf(&b, "| `!%s` | %s |\n", c.Name, markdown.Plain(c.Help))
	}
	b.WriteString("\n**Reactions:**\n" +
		"- 👍 Approve action · ✅ Approve all · 👎 Deny · ❓ Why\n" +
		"- 1️⃣–4️⃣ Answer a question · 🔄 Resume a paused session\n" +
		"- ⏸️ Interrupt current task (session stays active)\n" +
		"- ❌ or 🛑 Stop session\n")
	return b.String()
}

// Table is the table of commands, as !help and the README have it. A pipe in a
// usage is escaped, or it would end the cell.
func Table(own []Command) string {
	var b strings.Builder
	b.WriteString("| Command | Description |\n|:--|:--|\n")
	for _, c := range own {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(c.Usage, "|", "\\|"), c.Help)
	}
	return b.String()
}
