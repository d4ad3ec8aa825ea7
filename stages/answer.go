package stages

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/internal/changelog"
	"ctpipe/internal/diag"
	"ctpipe/internal/markdown"
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
	cmd := r.Event.Command
	c, known := FindCommand(cmd.Name)
	switch {
	case cmd.Slash && r.Allowed():
		a.slash(r)
	case cmd.Slash || a.isCustom(cmd.Name):
	case !known && (r.Allowed() || onlyDefault(r)):
		r.Do(pipeline.Reply{Text: a.unknown(cmd.Name)}) // nothing ran, and !help says as much to anybody
	case !known || !r.Allowed():
	case !c.Fits(len(cmd.Args)):
		r.Do(pipeline.Reply{Text: "Usage: `" + c.Usage + "`"})
	default:
		a.run(r, c)
	}
	return nil
}

// onlyDefault reports that no rule, no hook and no article of the floor has
// anything to say.
func onlyDefault(r *pipeline.Run) bool {
	_, top := r.Verdict()
	return len(top) == 1 && top[0].Source == pipeline.SourceDefault
}

// run does one of ctpipe's own commands.
func (a *answer) run(r *pipeline.Run, c Command) {
	cmd := r.Event.Command
	switch {
	case c.Name == "help":
		r.Do(pipeline.Reply{Text: a.helpFor(cmd.HelpFor)})
	case c.Name == "release-notes":
		r.Do(pipeline.Reply{Text: changelog.Notes()})
	case c.Claudes:
		a.slash(r)
	case c.Control:
		r.Do(pipeline.Control{What: c.Name, Args: cmd.Args, Text: cmd.Text, By: r.Event.User, Raise: r.Settings.Raise})
	}
}

const noAt = "⚠️ A command for Claude may not hold an `@`: it would read a file that nobody judged"

// slash gives Claude a command of its own. An @ in it would put a file into the
// prompt, past both doors (design, 10).
func (a *answer) slash(r *pipeline.Run) {
	cmd := r.Event.Command
	if strings.Contains(cmd.Text, "@") {
		r.Do(pipeline.Reply{Text: noAt})
		return
	}
	r.Do(pipeline.Prompt{Text: "/" + strings.TrimSpace(cmd.Name+" "+cmd.Text), From: r.Event.User, Slash: true})
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
		names = append(append(names, c.Name), c.Aliases...)
	}
	for _, c := range a.custom() {
		names = append(names, c.Name)
	}
	if short := []rune(name); len(short) > 40 {
		name = string(short[:40]) + "…"
	}
	text := "❓ " + markdown.CodeSpan("!"+name) + " is no command."
	if near := diag.Suggest(name, names); near != "" {
		text += fmt.Sprintf(" Did you mean `!%s`?", near)
	}
	return text + " `!help` lists them all."
}
