package command

import (
	"fmt"

	"ctpipe/internal/diag"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// Unknown answers a command that is neither ctpipe's own nor a custom one.
func Unknown(name string, custom []Custom) pipeline.Effect {
	names := Names()
	for _, c := range custom {
		names = append(names, c.Name)
	}
	return pipeline.Reply{Text: unknown(name, names)}
}

func unknown(name string, names []string) string {
	return isNone(name, names) + " `!help` lists them all."
}

// isNone says that a name is no command's, and which one may be meant.
func isNone(name string, names []string) string {
	name = paginate.Cut(name, 40)
	text := "❓ " + markdown.CodeSpan("!"+name) + " is no command."
	if near := diag.Suggest(name, names); near != "" {
		text += fmt.Sprintf(" Did you mean `!%s`?", near)
	}
	return text
}
