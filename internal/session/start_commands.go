package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/command"
	"ctpipe/internal/intake"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// start opens a session as a mention says, once every command before its request
// has been judged by itself; the first that is refused or fails ends it, with its
// reason. First is false for a post that has been here before.
func (h ears) start(ctx context.Context, ev *pipeline.Event, first bool) {
	err := h.shaped(ctx, ev)
	switch {
	case err == nil:
		h.Engine.Handle(ctx, ev)
	case !errors.Is(err, errSilent) && first && ev.Post.Origin == "person" && ev.User.ID != "" && !ev.User.Bot:
		h.Log.Info("a start is refused", "user", ev.User.ID, "post", ev.Post.ID, "err", err)
		h.say(ev.Thread.Root, err.Error())
	}
}

// shaped puts what the commands before a request say into its start, and the
// request itself. An error is for people, but for errSilent.
func (h ears) shaped(ctx context.Context, ev *pipeline.Event) error {
	commands, prompt, err := command.SplitStart(ev.Post.Text)
	if err != nil {
		return err
	}
	st := &ev.Start
	for i, c := range commands {
		raise, dir, err := h.judged(ctx, ev, c, i+1)
		if err != nil {
			return err
		}
		err = command.Shape(ctx, c.Name, command.Starting{Start: st, Arg: c.Text, Dir: dir, Raise: raise,
			Host: commandedHost{h: h.Host, t: h.thread(ev.Thread.Root)}, Log: h.Log})
		if err != nil {
			return err
		}
	}
	st.Prompt = prompt
	if st.Branch == "" {
		st.Prompt, st.Branch, err = intake.BranchClause(prompt)
	}
	h.locateIn(ctx, ev, nil)
	return err
}

// errSilent ends a start without a word: what was delivered twice, and who is
// no person.
const errSilent command.UserError = "not for us"

// judged says whether somebody may use a command of a start, and where that was
// judged to lead; nothing of it is done. Each is an event of its own, so that its
// rules, and the journal, see it.
func (h ears) judged(ctx context.Context, ev *pipeline.Event, c pipeline.ChatCommand, n int) (raise pipeline.Mode, dir string, err error) {
	own := h.event(pipeline.KindCommand, ev.Thread.Root)
	own.User, own.Post, own.Command = ev.User, ev.Post, c
	own.Post.ID = pipeline.PostID(fmt.Sprintf("%s#%d", ev.Post.ID, n)) // the post itself is the start
	h.locate(ctx, own, command.Going{From: ev.Start.Dir, Starts: true})
	r := h.Engine.Judge(ctx, own)
	verdict, top, place := stages.Refusal(r)
	name := "`!" + c.Name + "`"
	switch {
	case r.Allowed():
		return r.Settings.Raise, own.Command.Dir, nil
	case place != "":
		return "", "", command.UserError(place + "\n" + command.NothingStarted)
	case slices.ContainsFunc(top, func(v pipeline.Vote) bool { return v.Source == pipeline.SourceFloor }):
		return "", "", errSilent
	case verdict == pipeline.Ask:
		return "", "", command.UserError("⛔ " + name + " needs somebody's yes: start without it, then send it in the thread. " + command.NothingStarted)
	}
	if !h.mayStart(ctx, ev) {
		return "", "", errSilent
	}
	said := slices.DeleteFunc(slices.Clone(top), func(v pipeline.Vote) bool { return v.Source == pipeline.SourceDefault })
	for i := range said {
		said[i].Err = "" // the error itself is for the log
	}
	why := "no rule allows it"
	if reasons := pipeline.Reasons(said); reasons != "" {
		why = markdown.Inert(strings.TrimPrefix(h.performer().withNames(own, reasons), "⚠️ "))
	}
	return "", "", command.UserError("⛔ " + name + " is refused: " + why + ". " + command.NothingStarted)
}

// mayStart says whether somebody who may not use a command might at least start
// a session; who may not learns that and no more.
func (h ears) mayStart(ctx context.Context, ev *pipeline.Event) bool {
	own := *ev
	own.Post.ID += "#"
	r := h.Engine.Judge(ctx, &own)
	if verdict, _ := r.Verdict(); verdict < pipeline.Deny {
		return true
	}
	h.performer().performRun(ctx, r, nil)
	return false
}
