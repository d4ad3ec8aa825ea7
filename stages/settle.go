package stages

import (
	"context"
	"slices"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// settle turns the verdict into what happens. It ends every chain whose
// events can wait for people.
type settle struct{ approval pipeline.Terms }

func newSettle(b *Build) (pipeline.Stage, error) { return &settle{approval: b.Approval}, nil }

func (s *settle) Handle(_ context.Context, r *pipeline.Run) error {
	switch r.Event.Kind {
	case pipeline.KindTool:
		r.Do(s.tool(r))
	case pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand:
		s.person(r)
	}
	return nil
}

// tool decides what Claude is told at its PreToolUse hook. Questions and plans
// go to people in every mode, so they are never answered here.
func (s *settle) tool(r *pipeline.Run) pipeline.AnswerTool {
	verdict, top := r.Verdict()
	answer := pipeline.AnswerTool{Verdict: verdict, Reason: pipeline.Reasons(top), By: pipeline.Names(top)}
	if r.Rewrote {
		answer.Input = r.Event.Tool.Input
	}
	if len(top) != 1 || top[0].Source != pipeline.SourceDefault || verdict != pipeline.Ask {
		return answer
	}
	switch lifted := s.lift(r.Event); lifted {
	case liftGrant:
		answer.Verdict, answer.Reason, answer.By = pipeline.Allow, "granted for this session", "grant"
	case liftBypass:
		answer.Verdict, answer.Reason, answer.By = pipeline.Allow, "bypass mode", "mode bypass"
	case liftAuto:
		answer.Verdict, answer.Reason, answer.By = pipeline.Abstain, "", "mode auto"
	}
	return answer
}

// person parks what somebody wants until people have said yes; what is allowed
// is left to the stages behind. A start without a word asks nobody for anything.
func (s *settle) person(r *pipeline.Run) {
	verdict, _ := r.Verdict()
	switch {
	case r.Allowed():
	case refuseFlood(r):
	case verdict == pipeline.Deny:
		s.refuse(r)
	case r.Event.Kind == pipeline.KindStart && emptyStart(r):
		r.Do(pipeline.Reply{Text: mentionMe})
	default:
		r.Do(pipeline.Hold{Prompt: promptOf(r)})
	}
}

// refuse tells a person why nothing happened, where a rule or hook gave a
// reason, or something could not judge. The floor and the default stay silent:
// whoever they refuse would only learn that somebody listens. What the floor has
// against a directory is for whoever could go on otherwise.
func (s *settle) refuse(r *pipeline.Run) {
	verdict, top, place := Refusal(r)
	switch {
	case place != "":
		r.Do(pipeline.Reply{Text: place})
		return
	case verdict != pipeline.Deny || slices.ContainsFunc(top, byFloor):
		return
	}
	said := slices.DeleteFunc(slices.Clone(top), func(v pipeline.Vote) bool { return v.Source == pipeline.SourceDefault })
	for i := range said {
		said[i].Err = "" // the error itself is for the log
	}
	switch reasons := pipeline.Reasons(said); {
	case reasons != "":
		r.Do(pipeline.Reply{Text: marked(markdown.Inert(reasons))})
	case r.Event.Kind == pipeline.KindStart:
		r.Do(pipeline.Reply{Text: "⚠️ @" + r.Event.User.Name + " is not authorized"})
	}
}
