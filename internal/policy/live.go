package policy

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// remindEvery is how often a broken file that is not in force is reported
// again.
const remindEvery = 5 * time.Minute

// Live keeps the policy on disk in force: a save that builds is swapped in, one
// that does not leaves the old policy and is reported, once per content.
type Live struct {
	Loader *Loader
	Log    *slog.Logger
	Out    io.Writer // gets findings as people read them
	// Swap puts a policy in force.
	Swap func(next *Policy)
	// Prepare, which may be nil, does what must be done before the swap.
	Prepare func(ctx context.Context, next *Policy)
	// Now is the clock of the reminders; nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	current *Policy
	since   time.Time
	refused *Refusal
}

// Refusal is a version on disk that is not in force, and why.
type Refusal struct {
	Rev      pipeline.Rev // "" where the files could not be read
	Findings []diag.Finding
	Since    time.Time
	said     time.Time
}

// Begin says which policy is in force from the start.
func (l *Live) Begin(p *Policy) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current, l.since = p, l.now()
}

// Current is the policy in force, since when, and what on disk was refused.
func (l *Live) Current() (*Policy, time.Time, *Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current, l.since, l.refused
}

// Files is what to watch.
func (l *Live) Files() []string {
	p, _, _ := l.Current()
	return l.Loader.Files(p)
}

// Changed looks at what is on disk and puts it in force if it is good. It is
// called by one goroutine at a time.
func (l *Live) Changed(ctx context.Context) {
	current, since, refused := l.Current()
	sources, findings := l.Loader.Read()
	rev := pipeline.Rev("")
	if sources != nil {
		rev = Revision(sources)
	}
	switch {
	case rev != "" && rev == current.Snapshot.Rev:
		l.restored(refused)
		return
	case refused != nil && refused.Rev == rev:
		l.remind(refused, current, since)
		return
	}
	var next *Policy
	if !diag.HasErrors(findings) {
		next, findings = l.Loader.Build(sources, current)
	}
	if next == nil {
		l.refuse(&Refusal{Rev: rev, Findings: findings, Since: l.now()}, sources, current, since)
		return
	}
	if l.Prepare != nil {
		l.Prepare(ctx, next)
	}
	l.Swap(next)
	l.mu.Lock()
	l.current, l.since, l.refused = next, l.now(), nil
	l.mu.Unlock()
	l.Log.Info("rules.toml → rev "+Short(next.Snapshot.Rev), "old", Short(current.Snapshot.Rev),
		"rules", len(next.File.Rules), "hooks", len(next.File.Hooks), "warnings", len(next.Findings))
	l.print(next.Findings, next.Sources)
}

// restored forgets a refusal when the files are again as they are in force.
func (l *Live) restored(refused *Refusal) {
	if refused == nil {
		return
	}
	l.mu.Lock()
	l.refused = nil
	l.mu.Unlock()
	l.Log.Info("rules.toml is again as it is in force")
}

func (l *Live) refuse(r *Refusal, sources map[string][]byte, current *Policy, since time.Time) {
	r.said = r.Since
	l.mu.Lock()
	l.refused = r
	l.mu.Unlock()
	l.print(r.Findings, sources)
	errors, _ := diag.Count(r.Findings)
	l.Log.Error("rules.toml is not in force: kept rev "+Short(current.Snapshot.Rev)+" (in force since "+since.Format("15:04")+")",
		"errors", errors)
}

// remind says again that people run on rules that are not what the file says.
func (l *Live) remind(r *Refusal, current *Policy, since time.Time) {
	if l.now().Sub(r.said) < remindEvery {
		return
	}
	l.mu.Lock()
	r.said = l.now()
	l.mu.Unlock()
	l.Log.Error("rules.toml is still broken: kept rev "+Short(current.Snapshot.Rev)+" (in force since "+since.Format("15:04")+")",
		"first", r.Findings[0].String())
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
