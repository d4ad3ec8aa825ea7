package stages

import (
	"ctpipe/internal/markdown"
	"fmt"
	"strings"
)

// helpFor is the text of !help with or without the name of a command. It says
// the same to everybody, and nothing about this machine (SEC-22).
func (a *answer) helpFor(name string) string {
	if name == "" {
		return a.help()
	}
	if c, known := FindCommand(name); known {
		return fmt.Sprintf("`%s` — %s", c.Usage, c.Help)
	}
	for _, c := range a.custom() {
		if c.Name == name {
			return fmt.Sprintf("`!%s` — %s", c.Name, markdown.Plain(c.Help))
		}
	}
	return a.unknown(name)
}

// help is the text of !help; its first line carries the words people search
// for (behaviour, "One wording").
func (a *answer) help() string {
	var b strings.Builder
	b.WriteString("**Available commands** — **Commands:** `!stop` ends the session, `!escape` interrupts it\n\n")
	CommandTable(&b)
	for _, c := range a.custom() {
		fmt.Fprintf(&b, "| `!%s` | %s |\n", c.Name, markdown.Plain(c.Help))
	}
	b.WriteString("\n**Reactions:**\n" +
		"- 👍 Approve action · ✅ Approve all · 👎 Deny · ❓ Why\n" +
		"- 1️⃣–4️⃣ Answer a question · 🔄 Resume a paused session\n" +
		"- ⏸️ Interrupt current task (session stays active)\n" +
		"- ❌ or 🛑 Stop session\n")
	return b.String()
}

// CommandTable writes the table of ctpipe's own commands, as !help and the
// README have it. A pipe in a usage is escaped, or it would end the cell.
func CommandTable(b *strings.Builder) {
	b.WriteString("| Command | Description |\n|:--|:--|\n")
	for _, c := range Commands {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(c.Usage, "|", "\\|"), c.Help)
	}
}
