package stages

import (
	"context"
	"slices"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// rotaKinds are the kinds of events that people stand behind.
var rotaKinds = append(people[:4:4], pipeline.KindTool)

// newRota is the stage that says who is on duty at the time of the event: the
// rota's name joins the groups of the person, or of those who asked for a call.
// Where no shift says who it is, the groups are unknown.
func newRota(b *Build) (pipeline.Stage, error) {
	rota := b.Rules.Rota()
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if rota != nil {
			onDuty(rota, r.Event)
		}
		return nil
	}), nil
}

func onDuty(rota *rules.Rota, ev *pipeline.Event) {
	if ev.Kind != pipeline.KindTool {
		groups, known := rota.OnDuty(ev.User.Groups, ev.Time.Unix)
		if ev.User.Groups = groups; !known {
			ev.MarkUnknown("user.groups")
		}
		return
	}
	// The session's list of requesters is shared by its calls.
	ev.Tool.Requesters = slices.Clone(ev.Tool.Requesters)
	for i := range ev.Tool.Requesters {
		u := &ev.Tool.Requesters[i]
		groups, known := rota.OnDuty(u.Groups, ev.Time.Unix)
		if u.Groups = groups; !known {
			ev.MarkUnknown("tool.requesters")
		}
	}
}

// Chain is what an event of this kind passes where [pipeline] names no chain:
// the built-in one, behind the rota where there is one.
func Chain(kind pipeline.Kind, file *rules.File) []string {
	if file.Rota == nil || !slices.Contains(rotaKinds, kind) {
		return Default[kind]
	}
	return append([]string{"rota"}, Default[kind]...)
}
