package policy

import (
	"errors"
	"fmt"
	"os"
	"time"

	"ctpipe/pipeline"
)

// Question is a held save as people are asked about it. Their answer is for
// exactly this revision: for the bytes that it is the digest of.
type Question struct {
	Old, New pipeline.Rev
	Loosens  []string  // what it lets through that the policy in force does not
	Changes  string    // how verdicts on recorded events differ; "" where nothing is recorded
	Modified time.Time // of the newest of its files
	Owners   []string  // [reload] owners of the policy in force: allowed, or groups
}

// Errors of Accept and Decline.
var (
	errNotHeld  = errors.New("it is not held any more")
	errDeclined = errors.New("somebody has refused it already")
)

// hold keeps the policy in force and puts next before people.
func (l *Live) hold(current, next *Policy, loosened []string, diff *Diff) {
	rev, files := next.Snapshot.Rev, l.paths(next.Sources)
	l.refuse(&Refusal{Rev: rev, Findings: next.Findings, Held: loosened, files: files, sources: next.Sources}, next.Sources)
	if l.Ask == nil {
		return
	}
	q := &Question{Old: current.Snapshot.Rev, New: rev, Loosens: loosened, Owners: owners(current), Modified: newest(files)}
	if diff != nil {
		q.Changes = diff.String()
	}
	l.Ask(q)
}

// owners are who may put a held save in force, by the policy that is in force.
func owners(p *Policy) []string {
	if list := p.File.Reload.Owners; list != nil {
		return list
	}
	return []string{"allowed"}
}

func newest(files []string) time.Time {
	var at time.Time
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}

// Accept says that a person puts the held save with this revision in force. It
// then is so within a moment, if the files are still the same. An error says
// that it waits no longer.
func (l *Live) Accept(rev pipeline.Rev) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := l.held(rev)
	if err != nil {
		return err
	}
	return l.Accepted.Accept(r.sources)
}

// Decline says that somebody does not want the held save with this revision.
// It stays out of force, and nobody is reminded of it. `ctpipe rules accept`
// still accepts it, and a restart asks again.
func (l *Live) Decline(rev pipeline.Rev, by string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := l.held(rev)
	if err == nil {
		r.Declined = by
	}
	return err
}

// held is the save with this revision that waits; the lock is held.
func (l *Live) held(rev pipeline.Rev) (*Refusal, error) {
	switch r := l.refused; {
	case r == nil || r.Rev != rev || len(r.Held) == 0:
		return nil, fmt.Errorf("rev %s: %w", pipeline.ShortRev(rev), errNotHeld)
	case r.Declined != "":
		return nil, fmt.Errorf("rev %s: %w: %s", pipeline.ShortRev(rev), errDeclined, r.Declined)
	default:
		return r, nil
	}
}

// settled ends the question about a save that waited, when rev is what counts
// now. An acceptance that came too late must not put it in force when somebody
// saves the same bytes again.
func (l *Live) settled(was *Refusal, rev pipeline.Rev) {
	if was == nil || len(was.Held) == 0 {
		return
	}
	outcome := "in force"
	if was.Rev != rev {
		outcome = "void: the files are others now (rev " + pipeline.ShortRev(rev) + ")"
		if rev == "" {
			outcome = "void: the files cannot be read now"
		}
		l.forget(was.Rev)
	}
	if l.Void != nil {
		l.Void(was.Rev, outcome)
	}
}

func (l *Live) forget(rev pipeline.Rev) {
	if err := l.Accepted.forget(rev); err != nil {
		l.Log.Warn("an acceptance is left over", "err", err)
	}
}
