// Package policy turns rules.toml and its scripts into the policy in force, and
// does so again whenever they change.
package policy

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

// The times of a reload's first step.
const (
	pollEvery = 2 * time.Second
	quietFor  = 150 * time.Millisecond
	quietMost = time.Second
)

// A Watcher says when the files of a policy may have changed. What the kernel
// tells about their directories is a hint and no more: names and kinds of
// events are not looked at, and a poll of the bytes covers what the kernel
// does not tell (targets of links, network file systems, watches lost with
// their directory). Whether anything did change is for Changed to find out, by
// revision.
type Watcher struct {
	// Files gives the files and directories that matter now, whether they exist
	// or not: rules.toml, the listed scripts, the scripts' directory. It is
	// asked again at every look.
	Files func() []string
	// Changed is called from Run's goroutine, never twice at a time: 150 ms
	// after the last hint, at most one second after the first, and once soon
	// after Run begins, for what changed between the first load and Run.
	Changed func(ctx context.Context)
	Log     *slog.Logger

	pollOnly bool          // for tests: as if the kernel told nothing
	poll     time.Duration // for tests; 0: pollEvery
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	hints := newHints(w.Log, w.pollOnly)
	defer hints.close()
	poll := time.NewTicker(cmp.Or(w.poll, pollEvery))
	defer poll.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C

	q := quiet{wait: quietFor, most: quietMost}
	hint := func() {
		now := time.Now()
		q.hint(now)
		timer.Reset(q.due().Sub(now))
	}
	hints.follow(w.Files())
	seen := signature(w.Files())
	hint()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints.C():
			hint()
		case <-poll.C:
			hints.follow(w.Files())
			if now := signature(w.Files()); now != seen {
				seen = now // the same bytes at the next poll are quiet
				hint()
			}
		case <-timer.C:
			q.reset()
			// Watches first, then the bytes, then the load: whatever changes
			// in between is seen by one that comes later.
			hints.follow(w.Files())
			seen = signature(w.Files())
			w.Changed(ctx)
			hints.follow(w.Files())
		}
	}
}

// quiet waits for an editor to finish, but not for ever.
type quiet struct {
	wait, most  time.Duration
	first, last time.Time
}

func (q *quiet) hint(now time.Time) {
	if q.first.IsZero() {
		q.first = now
	}
	q.last = now
}

// due is when to act; it means nothing before the first hint.
func (q *quiet) due() time.Time {
	due, latest := q.last.Add(q.wait), q.first.Add(q.most)
	if latest.Before(due) {
		return latest
	}
	return due
}

func (q *quiet) reset() { q.first, q.last = time.Time{}, time.Time{} }
