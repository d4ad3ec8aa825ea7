package stages

import "ctpipe/pipeline"

type lift uint8

const (
	liftNone lift = iota
	liftGrant
	liftBypass
	liftAuto
)

// lift says whether a grant or the session's mode answers the default ask. It
// is never reached by an ask that a rule, a hook or the floor voted: those are
// for people. A call that somebody asked for who could not allow it is not covered.
func (s *settle) lift(ev *pipeline.Event) lift {
	if len(ev.Tool.Requesters) == 0 {
		return liftNone
	}
	anyone := pipeline.Terms{Approvers: s.approval.Approvers}
	for _, u := range ev.Tool.Requesters {
		if !anyone.Admits(u, nil) {
			return liftNone
		}
	}
	switch {
	case len(ev.Session.Grants) > 0:
		return liftGrant
	case ev.Session.Mode == pipeline.ModeBypass:
		return liftBypass
	case ev.Session.Mode == pipeline.ModeAuto:
		return liftAuto
	}
	return liftNone
}
