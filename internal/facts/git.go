package facts

import (
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// CheckedOut fills in which branch is checked out where the event's session
// works, and whether that is a worktree. It reads git's files anew for each
// event: Claude changes branches too. An error says why both are unknown, as the
// event then says too; the event is good either way.
func CheckedOut(ev *pipeline.Event) error {
	if ev.Session.Dir == "" {
		return nil
	}
	p, err := worktree.Look(ev.Session.Dir)
	if err != nil {
		ev.MarkUnknown("session.branch")
		ev.MarkUnknown("session.worktree")
		return err
	}
	ev.Session.Branch = p.Branch
	if p.Linked {
		ev.Session.Worktree = p.Top
	}
	return nil
}

// UnsettleBranch makes the branch of a call's event unknown while another call
// that may change it is judged or runs.
func UnsettleBranch(ev *pipeline.Event) {
	if ev.Session.Busy {
		ev.MarkUnknown("session.branch")
	}
}
