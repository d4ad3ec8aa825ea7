package stages

import (
	"slices"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// The articles of the floor about where a session works.
const (
	outsideRoots     = "outside-roots"
	worktreeRequired = "worktree-required"
)

// place keeps sessions below the roots, and out of repositories themselves where
// the policy wants worktrees. The facts are those of the moment at which the event
// was made; whoever acts on it looks again.
func (f *floor) place(r *pipeline.Run) {
	c, st := &r.Event.Command, &r.Event.Start
	switch {
	case c.Outside:
		f.deny(r, outsideRoots, command.OutsideRoots(c.Dir))
	case c.NeedsWorktree:
		f.deny(r, worktreeRequired, command.WorktreeRequired)
	case st.Outside:
		f.deny(r, outsideRoots, command.OutsideRoots(st.Dir))
	}
}

func byFloor(v pipeline.Vote) bool { return v.Source == pipeline.SourceFloor }

func aboutPlace(v pipeline.Vote) bool {
	return byFloor(v) && (v.By == outsideRoots || v.By == worktreeRequired)
}

// Refusal is what a person may learn of a run that is not allowed: how it would
// stand if the floor had nothing against where it leads, and, for somebody whom a
// rule, a hook or the default lets go somewhere, what the floor has against it;
// else "". Somebody who may not use a command at all learns nothing about the
// directories of this machine from it.
func Refusal(r *pipeline.Run) (verdict pipeline.Verdict, top []pipeline.Vote, place string) {
	verdict, top = r.VerdictWithout(aboutPlace)
	about := slices.IndexFunc(r.Votes(), aboutPlace)
	if about < 0 || verdict == pipeline.Deny || verdict == pipeline.Ask && !slices.ContainsFunc(r.Votes(), allows) {
		return verdict, top, ""
	}
	return verdict, top, r.Votes()[about].Why
}

// allows reports the word of a rule or a hook that something may pass.
func allows(v pipeline.Vote) bool {
	return v.Verdict == pipeline.Allow && !v.Shadow && (v.Source == pipeline.SourceRule || v.Source == pipeline.SourceHook)
}
