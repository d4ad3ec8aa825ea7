package policy

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// Live keeps the policy on disk in force: a save that builds and passes its
// tests is swapped in, one that does not leaves the old policy and is reported,
// once per content. A save that lets more through may have to wait for a
// person.
type Live struct {
	Loader *Loader
	Log    *slog.Logger
	Out    io.Writer // gets findings as people read them
	// Swap puts a policy in force.
	Swap func(next *Policy)
	// Prepare, which may be nil, does what must be done before the swap.
	Prepare func(ctx context.Context, next *Policy)
	// Recent, which may be nil, gives the recorded events that a save is
	// compared on.
	Recent func() ([]journal.Record, error)
	// Accepted are the held revisions that a person put in force.
	Accepted Acceptances
	// Tell, which may be nil, is told what came of a save: accepted, refused,
	// held or stale, and the line that the log gets.
	Tell func(what, line string)
	// Ask, which may be nil, puts a held save before people; Void takes the
	// question back, since something else became of the save: what, for them.
	Ask  func(*Question)
	Void func(rev pipeline.Rev, outcome string)
	// Now is the clock of the reminders; nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	started *Policy // what the connections to the platforms were made from
	current *Policy
	since   time.Time
	refused *Refusal
}

// Begin says which policy is in force from the start.
func (l *Live) Begin(p *Policy) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started, l.current, l.since = p, p, l.now()
}

// Current is the policy in force, since when, and what on disk was refused.
func (l *Live) Current() (*Policy, time.Time, *Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current, l.since, l.refused
}

// Files is what to watch.
func (l *Live) Files() []string {
	p, _, refused := l.Current()
	files := l.Loader.files(p)
	if refused != nil {
		for _, name := range refused.files {
			if !slices.Contains(files, name) {
				files = append(files, name) // its mending may happen in another file than rules.toml
			}
		}
	}
	if refused != nil && len(refused.Held) > 0 {
		files = append(files, l.Accepted.path(refused.Rev))
	}
	return files
}

// Changed looks at what is on disk and puts it in force if it is good. Where
// files changed again meanwhile it begins anew, after the swap: whoever saves
// all the time cannot keep a good policy from being in force. It is called by
// one goroutine at a time.
func (l *Live) Changed(ctx context.Context) {
	for again := true; again && ctx.Err() == nil; {
		again = l.look(ctx)
	}
}

// look does one round, and reports whether the files changed during it.
func (l *Live) look(ctx context.Context) (again bool) {
	current, _, refused := l.Current()
	sources, findings := l.Loader.Read()
	rev := revisionOf(sources)
	switch {
	case rev != "" && rev == current.Snapshot.Rev:
		l.restored(refused)
		return false
	case refused != nil && refused.Rev == rev && !(len(refused.Held) > 0 && l.Accepted.has(sources)):
		l.remind(refused)
		return false
	}
	next, findings := l.candidate(ctx, sources, findings, current)
	if ctx.Err() != nil {
		return false // the tests may have failed for that alone
	}
	if next == nil {
		l.refuse(&Refusal{Rev: rev, Findings: findings, files: l.paths(sources)}, sources)
		return l.moved(rev)
	}
	loosened := loosens(current, next)
	if len(loosened) > 0 && l.Loader.confirms(current) && !l.Accepted.has(sources) {
		l.hold(current, next, loosened, l.compare(ctx, current, next))
		return l.moved(rev)
	}
	l.put(ctx, current, next, loosened)
	return l.moved(rev)
}

// candidate builds what was read and runs its tests. There is none where a
// finding is an error.
func (l *Live) candidate(ctx context.Context, sources map[string][]byte, read []diag.Finding, current *Policy) (*Policy, []diag.Finding) {
	if sources == nil {
		return nil, read
	}
	next, findings := l.Loader.build(sources, read, current)
	if next == nil {
		return nil, findings
	}
	if failed := l.Loader.Test(ctx, next, nil).findings(); len(failed) > 0 {
		return nil, merge(findings, failed)
	}
	return next, findings
}

// moved reports whether the bytes on disk are others than a moment ago. Files
// that cannot be read for now are looked at when they can.
func (l *Live) moved(rev pipeline.Rev) bool {
	sources, _ := l.Loader.Read()
	now := revisionOf(sources)
	return now != "" && now != rev
}

// put swaps next in, and says so in one line.
func (l *Live) put(ctx context.Context, current, next *Policy, loosened []string) {
	diff := l.compare(ctx, current, next)
	if l.Prepare != nil {
		l.Prepare(ctx, next)
	}
	l.Swap(next)
	l.mu.Lock()
	was := l.refused
	l.current, l.since, l.refused = next, l.now(), nil
	started := l.started
	l.mu.Unlock()
	l.settled(was, next.Snapshot.Rev)
	l.forget(next.Snapshot.Rev)
	line := "rules.toml → rev " + pipeline.ShortRev(next.Snapshot.Rev)
	args := []any{"old", pipeline.ShortRev(current.Snapshot.Rev), "rules", len(next.File.Rules), "hooks", len(next.File.Hooks),
		"tests", len(next.Cases), "warnings", len(next.Findings)}
	if diff != nil {
		line += ": " + diff.String()
		args = append(args, "compared", diff.Judged)
	}
	if len(loosened) > 0 {
		args = append(args, "loosens", loosened)
	}
	l.Log.Info(line, args...)
	for _, change := range restart(started, next) {
		l.Log.Warn("needs a restart: " + change)
		line += "; needs a restart: " + change
	}
	l.print(next.Findings, next.Sources)
	l.tell("accepted", line)
}

// compare judges recent events under both; a journal that cannot be read keeps
// nothing from being in force.
func (l *Live) compare(ctx context.Context, old, next *Policy) *Diff {
	if l.Recent == nil {
		return nil
	}
	records, err := l.Recent()
	if err != nil {
		l.Log.Warn("a save is not compared with what was recorded", "err", err)
		return nil
	}
	if len(records) == 0 {
		return nil
	}
	return compare(ctx, old, next, records)
}

func (l *Live) tell(what, line string) {
	if l.Tell != nil {
		l.Tell(what, line)
	}
}

// print writes findings with their source lines and carets.
func (l *Live) print(findings []diag.Finding, sources map[string][]byte) {
	if err := diag.Print(l.Out, findings, diag.Sources(sources)); err != nil {
		l.Log.Error("printing findings", "err", err)
	}
}

func (l *Live) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}
