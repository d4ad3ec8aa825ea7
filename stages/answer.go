package stages

import (
	"context"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

type answer struct{ custom func() []command.Custom }

// newAnswer does what an allowed command of ctpipe's own says. Custom commands
// have already returned their effects through the hooks stage.
func newAnswer(b *Build) (pipeline.Stage, error) {
	return &answer{custom: func() []command.Custom { return customCommands(b.Hooks) }}, nil
}

func (a *answer) Handle(_ context.Context, r *pipeline.Run) error {
	ev := r.Event
	c, known := command.Find(ev.Command.Name)
	switch {
	case ev.Command.Slash && r.Allowed():
		r.Do(command.ToClaude(ev.Command, ev.User))
	case ev.Command.Slash || a.isCustom(ev.Command.Name):
	case !known && (r.Allowed() || onlyDefault(r)):
		r.Do(command.Unknown(ev.Command.Name, a.custom())) // nothing ran, and !help says as much to anybody
	case known && r.Allowed():
		r.Do(c.Effect(command.Request{Command: ev.Command, By: ev.User, Raise: r.Settings.Raise, Own: command.All, Custom: a.custom()}))
	}
	return nil
}

// onlyDefault reports that no rule, no hook and no article of the floor has
// anything to say.
func onlyDefault(r *pipeline.Run) bool {
	_, top := r.Verdict()
	return len(top) == 1 && top[0].Source == pipeline.SourceDefault
}

func (a *answer) isCustom(name string) bool {
	for _, c := range a.custom() {
		if c.Name == name {
			return true
		}
	}
	return false
}
