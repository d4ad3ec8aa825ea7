package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"ctpipe/internal/claude"
	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// places is what the policy in force says about where sessions work.
func (h *Host) places() command.Places {
	set := h.settings()
	return command.Places{Dir: set.Dir, Roots: set.Roots, WorktreesRequired: set.Worktrees == "require"}
}

// locate puts into an event where it would take a session, as the disk is now. Whom
// the floor denies in any case has nothing looked at.
func (h *Host) locate(ctx context.Context, ev *pipeline.Event, g command.Going) {
	if ev.Post.Flood || ev.Post.Origin != "person" || ev.User.ID == "" {
		return
	}
	g.Places, g.Log = h.places(), h.Log
	switch ev.Kind {
	case pipeline.KindCommand:
		command.Locate(ctx, &ev.Command, g)
	case pipeline.KindStart:
		command.LocateStart(ctx, &ev.Start, g)
	}
}

// locateIn is locate for what somebody wants of a session, which may be nil.
func (h *Host) locateIn(ctx context.Context, ev *pipeline.Event, s *Session) {
	var g command.Going
	switch {
	case s != nil:
		g.From = s.dir()
	case ev.Kind == pipeline.KindCommand:
		return // it takes no session anywhere
	}
	h.locate(ctx, ev, g)
}

// barred says why Claude may not be started in a directory, whichever way led
// there: the policy may want worktrees by now. A directory that is gone is for the
// start itself to tell.
func (h *Host) barred(dir string) error {
	if h.places().Allows(dir) {
		return nil
	}
	if _, gone := os.Stat(dir); errors.Is(gone, fs.ErrNotExist) {
		return &claude.StartError{Dir: dir, Err: claude.ErrNoDir}
	}
	return fmt.Errorf("%s is in a repository itself, and this deployment requires working in a worktree; !worktree BRANCH makes one", shortPath(dir))
}
