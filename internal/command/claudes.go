package command

import (
	"strings"

	"ctpipe/pipeline"
)

const noAt = "⚠️ A command for Claude may not hold an `@`: it would read a file that nobody judged"

// ToClaude gives Claude a command of its own. An @ in it would put a file into
// the prompt, which no hook of Claude's reports and so nobody judges.
func ToClaude(c pipeline.ChatCommand, by pipeline.User) pipeline.Effect {
	if strings.Contains(c.Text, "@") {
		return pipeline.Reply{Text: noAt}
	}
	return pipeline.Prompt{Text: "/" + strings.TrimSpace(c.Name+" "+c.Text), From: by, Slash: true}
}

// claudes answers a command of ctpipe's that is Claude's own of the same name.
func claudes(r Request) pipeline.Effect { return ToClaude(r.Command, r.By) }
