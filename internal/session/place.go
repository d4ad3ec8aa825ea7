package session

import (
	"slices"

	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// place fills in which branch is checked out where the session works, and
// whether that is a worktree. It reads git's files anew for each event: Claude
// changes branches too. While another call may be doing just that, and where
// the files cannot be read, nobody knows.
func (h *Host) place(ev *pipeline.Event) {
	if ev.Session.Dir == "" {
		return
	}
	p, err := worktree.Look(ev.Session.Dir)
	if err != nil {
		h.Log.Debug("what is checked out is not known", "session", ev.Session.ID, "dir", ev.Session.Dir, "err", err)
		ev.Unknown = append(ev.Unknown, "session.branch", "session.worktree")
		return
	}
	ev.Session.Branch = p.Branch
	if p.Linked {
		ev.Session.Worktree = p.Top
	}
}

// unsettled takes the branch back from a call's event while another call that
// may change it is judged or runs.
func unsettled(ev *pipeline.Event) {
	if ev.Session.Busy && !slices.Contains(ev.Unknown, "session.branch") {
		ev.Unknown = append(ev.Unknown, "session.branch")
	}
}
