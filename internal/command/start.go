package command

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// Start says how a command shapes a session before it starts, where it stands
// before the request of a mention: "@bot !cd /x !model opus do y". There it takes
// one word, or several in double quotes.
type Start struct {
	Usage string   // as it stands before a request
	Not   []string // first words with which it is a command of its own, and begins no start
	// Do puts what the command says into a start; the error is a UserError. It
	// must not change anything else: commands before a request take effect
	// together, or not at all.
	Do func(context.Context, Starting) error
}

// Starting is a command that stands before a request and has passed the rules.
type Starting struct {
	Start *pipeline.Start
	Arg   string
	Dir   string        // where it was judged to take the start; "" for nowhere
	Raise pipeline.Mode // how far rules let this person raise the mode; "" not at all
	Host  Host
	Log   *slog.Logger
}

// NothingStarted ends what is said about a start that comes to nothing.
const NothingStarted = "Nothing was started."

// Shapes reports a command that may begin a start.
func Shapes(c pipeline.ChatCommand) bool {
	known, ok := Find(c.Name)
	return ok && !c.Slash && known.Start != nil && (len(c.Args) == 0 || !slices.Contains(known.Start.Not, strings.ToLower(c.Args[0])))
}

// SplitStart takes the commands off the front of a start, each with its one
// argument. The error is a UserError.
func SplitStart(text string) (commands []pipeline.ChatCommand, prompt string, err error) {
	for text = strings.TrimSpace(text); ; {
		c, ok := Split(text)
		if !ok || c.Slash {
			return commands, text, nil
		}
		known, _ := Find(c.Name)
		switch {
		case known.Start == nil:
			return nil, "", cannotStart(c.Name)
		case slices.ContainsFunc(commands, func(o pipeline.ChatCommand) bool { return o.Name == c.Name }):
			return nil, "", UserError("❌ `!" + c.Name + "` stands there twice. " + NothingStarted)
		}
		_, rest := cutWord(text)
		arg, rest := cutArgument(rest)
		if arg == "" || strings.HasPrefix(arg, "!") {
			return nil, "", UserError("Usage: `" + known.Start.Usage + "`, then what Claude is to do. " + NothingStarted)
		}
		commands = append(commands, pipeline.ChatCommand{Name: c.Name, Args: []string{arg}, Text: arg})
		text = rest
	}
}

// cutArgument takes one word, or what stands in double quotes, off the front.
func cutArgument(text string) (arg, rest string) {
	if after, ok := strings.CutPrefix(text, `"`); ok {
		if arg, rest, ok := strings.Cut(after, `"`); ok {
			return arg, strings.TrimSpace(rest)
		}
	}
	return cutWord(text)
}

// cannotStart says that a command cannot stand before a request.
func cannotStart(name string) error {
	if _, known := Find(name); known {
		return UserError("❌ `!" + name + "` cannot stand before a request; send it in a message of its own. " + NothingStarted)
	}
	var names []string
	for _, c := range All {
		names = append(names, c.Name)
	}
	return UserError(isNone(name, names) + " " + NothingStarted)
}

// Shape puts what a command before a request says into a start; the error is a
// UserError.
func Shape(ctx context.Context, name string, s Starting) error {
	c, ok := Find(name)
	if !ok || c.Start == nil {
		return cannotStart(name)
	}
	err := c.Start.Do(ctx, s)
	if err == nil || strings.HasSuffix(err.Error(), NothingStarted) {
		return err
	}
	return UserError(err.Error() + "\n" + NothingStarted)
}
