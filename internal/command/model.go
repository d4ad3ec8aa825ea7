package command

import (
	"context"
	"regexp"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

var modelCommand = Command{
	Name:  "model",
	Usage: "!model [name]",
	Takes: 1,
	Help:  "which model runs, or another one from now on",
	Do:    model,
	Start: &Start{Usage: "!model <name>", Do: startModel},
}

// modelName is what a model may be called: nothing in it is a word of its own
// on Claude's command line, nor a file.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:\[\]-]{0,99}$`)

// model says which model runs, or has Claude take another: by its own command,
// which tries the model first.
func model(_ context.Context, c Call) {
	name := c.arg()
	switch {
	case len(c.Args) == 0:
		c.say(modelText(c.Session.Model()) + " Another one: `!model <name>`")
	case !modelName.MatchString(name):
		c.say("❌ " + markdown.CodeSpan(paginate.Cut(name, 100)) + " is no name of a model. Usage: `!model [name]`, like `!model sonnet`")
	default:
		c.Log.Info("another model is asked for", "user", c.By.ID, "model", name)
		c.Session.Prompt(pipeline.Prompt{Text: "/model " + name, From: c.By, Slash: true})
	}
}

func modelText(runs, asked string) string {
	switch {
	case runs != "":
		return "🤖 The model is " + markdown.CodeSpan(runs) + "."
	case asked != "":
		return "🤖 The model will be " + markdown.CodeSpan(asked) + "."
	}
	return "🤖 The model is Claude's own default."
}

func startModel(_ context.Context, s Starting) error {
	if !modelName.MatchString(s.Arg) {
		return UserError("❌ " + markdown.CodeSpan(paginate.Cut(s.Arg, 100)) + " is no model's name")
	}
	s.Start.Model = s.Arg
	return nil
}
