package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ctpipe/internal/diag"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// shapes are the commands that may stand before the request of a mention that
// opens a session: "@bot !cd /x !model opus do y" (FUN-09). Each takes one
// word, or several in double quotes. They take effect together, or not at all.
var shapes = map[string]string{
	"cd": "!cd <path>", "worktree": "!worktree <branch>", "model": "!model <name>",
	"permissions": "!permissions interactive", "verbosity": "!verbosity full|line|fold|file|hidden",
}

// worktreeWords are what !worktree takes besides a branch; those are commands
// of their own.
var worktreeWords = []string{"list", "switch", "remove", "off", "on", "skip", "cleanup"}

// shaping reports a command that shapes a start.
func shaping(c pipeline.ChatCommand) bool {
	_, ok := shapes[c.Name]
	return ok && !c.Slash && (c.Name != "worktree" || len(c.Args) == 0 || !slices.Contains(worktreeWords, strings.ToLower(c.Args[0])))
}

// stacked takes the commands off the front of a start. The error is for people.
func stacked(text string) (commands []pipeline.ChatCommand, prompt string, err error) {
	for text = strings.TrimSpace(text); ; {
		c, ok := stages.Split(text)
		if !ok || c.Slash {
			return commands, text, nil
		}
		usage, shapes := shapes[c.Name]
		switch {
		case !shapes:
			return nil, "", notShaping(c.Name)
		case slices.ContainsFunc(commands, func(o pipeline.ChatCommand) bool { return o.Name == c.Name }):
			return nil, "", userError("❌ `!" + c.Name + "` stands there twice. " + nothingStarted)
		}
		arg, rest := oneArg(text[1+strings.IndexFunc(text+" ", unicode.IsSpace)-1:])
		if arg == "" || strings.HasPrefix(arg, "!") {
			return nil, "", userError("Usage: `" + usage + "`, then what Claude is to do. " + nothingStarted)
		}
		commands = append(commands, pipeline.ChatCommand{Name: c.Name, Args: []string{arg}, Text: arg})
		text = rest
	}
}

const nothingStarted = "Nothing was started."

// oneArg takes one word, or what stands in double quotes, off the front.
func oneArg(text string) (arg, rest string) {
	text = strings.TrimSpace(text)
	if after, ok := strings.CutPrefix(text, `"`); ok {
		if arg, rest, ok := strings.Cut(after, `"`); ok {
			return arg, strings.TrimSpace(rest)
		}
	}
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

// notShaping says that a command cannot stand before a request.
func notShaping(name string) error {
	if _, known := stages.FindCommand(name); known {
		return userError("❌ `!" + name + "` cannot stand before a request; send it in a message of its own. " + nothingStarted)
	}
	text := "❓ " + markdown.CodeSpan("!"+paginate.Cut(name, 40)) + " is no command."
	names := make([]string, 0, len(shapes))
	for n := range shapes {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, c := range stages.Commands {
		names = append(names, c.Name)
	}
	if near := diag.Suggest(name, names); near != "" {
		text += fmt.Sprintf(" Did you mean `!%s`?", near)
	}
	return userError(text + " " + nothingStarted)
}

// start opens a session as a mention says, once every command in it has been
// judged by itself; the first that is refused or fails ends it, with its reason.
// First is false for a post that has been here before.
func (h *Host) start(ctx context.Context, ev *pipeline.Event, first bool) {
	commands, prompt, err := stacked(ev.Post.Text)
	st := &ev.Start
	for i, c := range commands {
		if err != nil {
			break
		}
		var raise pipeline.Mode
		if raise, err = h.judged(ctx, ev, c, i+1); err == nil {
			err = h.shape(ctx, st, c, raise)
		}
	}
	if err == nil {
		st.Prompt = prompt
		if st.Branch == "" {
			st.Prompt, st.Branch, err = branchClause(prompt)
		}
	}
	switch {
	case err == nil:
		h.Engine.Handle(ctx, ev)
	case !errors.Is(err, errSilent) && first && ev.Post.Origin == "person" && ev.User.ID != "" && !ev.User.Bot:
		h.Log.Info("a start is refused", "user", ev.User.ID, "post", ev.Post.ID, "err", err)
		h.say(ev.Thread.Root, err.Error())
	}
}

// errSilent ends a start without a word: what was delivered twice, and who is
// no person.
const errSilent userError = "not for us"

// judged says whether somebody may use a command of a start; nothing of it is
// done. Each is an event of its own, so that its rules, and the journal, see it.
func (h *Host) judged(ctx context.Context, ev *pipeline.Event, c pipeline.ChatCommand, n int) (raise pipeline.Mode, err error) {
	own := h.event(pipeline.KindCommand, ev.Thread.Root)
	own.User, own.Post, own.Command = ev.User, ev.Post, c
	own.Post.ID = pipeline.PostID(fmt.Sprintf("%s#%d", ev.Post.ID, n)) // the post itself is the start
	r := h.Engine.Judge(ctx, own)
	verdict, top := r.Verdict()
	name := "`!" + c.Name + "`"
	switch {
	case verdict == pipeline.Allow:
		return r.Settings.Raise, nil
	case slices.ContainsFunc(top, func(v pipeline.Vote) bool { return v.Source == pipeline.SourceFloor }):
		return "", errSilent
	case verdict == pipeline.Ask:
		return "", userError("⛔ " + name + " needs somebody's yes: start without it, then send it in the thread. " + nothingStarted)
	}
	if !h.mayStart(ctx, ev) {
		return "", errSilent
	}
	said := slices.DeleteFunc(slices.Clone(top), func(v pipeline.Vote) bool { return v.Source == pipeline.SourceDefault })
	for i := range said {
		said[i].Err = "" // the error itself is for the log
	}
	why := "no rule allows it"
	if reasons := pipeline.Reasons(said); reasons != "" {
		why = markdown.Inert(strings.TrimPrefix(h.withNames(own, reasons), "⚠️ "))
	}
	return "", userError("⛔ " + name + " is refused: " + why + ". " + nothingStarted)
}

// mayStart says whether somebody who may not use a command might at least start
// a session; who may not learns that and no more.
func (h *Host) mayStart(ctx context.Context, ev *pipeline.Event) bool {
	own := *ev
	own.Post.ID += "#"
	r := h.Engine.Judge(ctx, &own)
	if verdict, _ := r.Verdict(); verdict < pipeline.Deny {
		return true
	}
	for _, e := range r.Effects() {
		h.perform(ctx, r, e)
	}
	return false
}

// shape puts what a command says into a start.
func (h *Host) shape(ctx context.Context, st *pipeline.Start, c pipeline.ChatCommand, raise pipeline.Mode) (err error) {
	arg := c.Args[0]
	switch c.Name {
	case "cd":
		st.Dir, err = h.directory(ctx, st.Dir, arg)
	case "worktree":
		st.Branch, err = arg, validBranch(arg)
	case "model":
		if st.Model = arg; !modelName.MatchString(arg) {
			err = userError("❌ " + markdown.CodeSpan(paginate.Cut(arg, 100)) + " is no model's name")
		}
	case "permissions":
		want, ok := modeWords[strings.ToLower(arg)]
		switch {
		case !ok:
			err = userError("Usage: `!permissions interactive` (or `auto`, `bypass`, where a rule lets you raise the mode)")
		case want.Rank() > st.Mode.Rank() && want.Rank() > raise.Rank():
			err = userError(fmt.Sprintf("⚠️ Cannot upgrade to %s permissions - can only downgrade to interactive", want))
		default:
			st.Mode = want
		}
	case "verbosity":
		if st.Verbosity = strings.ToLower(arg); !slices.Contains(verbosities, st.Verbosity) {
			err = userError("Usage: `" + shapes["verbosity"] + "`")
		}
	}
	if err != nil && !strings.HasSuffix(err.Error(), nothingStarted) {
		err = userError(err.Error() + "\n" + nothingStarted)
	}
	return err
}
