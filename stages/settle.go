package stages

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctpipe/internal/facts"
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

// tool decides what Claude is told at the first door. Questions and plans go
// to people in every mode, so they are never answered here (design, 1).
func (s *settle) tool(r *pipeline.Run) pipeline.AnswerTool {
	verdict, top := r.Verdict()
	answer := pipeline.AnswerTool{Verdict: verdict, Reason: Reasons(top), By: Names(top)}
	if r.Rewrote {
		answer.Input = r.Event.Tool.Input
	}
	if verdict == pipeline.Allow && facts.GoesToPeople(r.Event.Tool.Name) {
		answer.Verdict = pipeline.Ask // no rule answers in people's place
	}
	if len(top) != 1 || top[0].Source != pipeline.SourceDefault || verdict != pipeline.Ask || facts.GoesToPeople(r.Event.Tool.Name) {
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

type lift uint8

const (
	liftNone lift = iota
	liftGrant
	liftBypass
	liftAuto
)

// lift says whether a grant or the session's mode answers the default ask. It
// is never reached by an ask that a rule, a hook or the floor voted (A11). A
// call that somebody asked for who could not allow it is not covered.
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
// reason, or something could not judge. The floor and the default stay silent: whoever they refuse would
// only learn that somebody listens.
func (s *settle) refuse(r *pipeline.Run) {
	_, top := r.Verdict()
	for _, v := range top {
		if v.Source == pipeline.SourceFloor {
			return
		}
	}
	said := slices.DeleteFunc(slices.Clone(top), func(v pipeline.Vote) bool { return v.Source == pipeline.SourceDefault })
	for i := range said {
		said[i].Err = "" // the error itself is for the log
	}
	switch reasons := Reasons(said); {
	case reasons != "":
		r.Do(pipeline.Reply{Text: marked(markdown.Inert(reasons))})
	case r.Event.Kind == pipeline.KindStart:
		r.Do(pipeline.Reply{Text: "⚠️ @" + r.Event.User.Name + " is not authorized"})
	}
}

// marked puts a sign before a reason, unless it begins with one of its own.
func marked(reason string) string {
	if first, _ := utf8.DecodeRuneInString(reason); unicode.IsSymbol(first) {
		return reason
	}
	return "⛔ " + reason
}

// Reasons joins what the votes say, each reason once.
func Reasons(votes []pipeline.Vote) string {
	var said []string
	seen := map[string]bool{}
	for _, v := range votes {
		why := v.Why
		if v.Err != "" {
			why = strings.TrimPrefix(why+" ("+v.Err+")", " ")
		}
		if why != "" && !seen[why] {
			seen[why] = true
			said = append(said, why)
		}
	}
	return strings.Join(said, "; ")
}

// Names joins who cast the votes: "rule no-force-push, hook deploy_window".
func Names(votes []pipeline.Vote) string {
	var b strings.Builder
	for i := range votes {
		v := &votes[i]
		if i > 0 {
			b.WriteString(", ")
		}
		switch v.Source {
		case pipeline.SourceRule, pipeline.SourceHook, pipeline.SourceFloor:
			b.WriteString(string(v.Source))
			b.WriteByte(' ')
		}
		b.WriteString(v.By)
	}
	return b.String()
}
