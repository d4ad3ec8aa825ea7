package policy

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// remindEvery is how often a version that is not in force is reported again.
const remindEvery = 5 * time.Minute

// Refusal is a version on disk that is not in force, and why.
type Refusal struct {
	Rev      pipeline.Rev // "" where the files could not be read
	Findings []diag.Finding
	// Held says what the version would let through that the one in force does
	// not. It has no errors, and waits for a person to accept it.
	Held  []string
	Since time.Time
	// Declined names who said no to a held version, "" as long as nobody did.
	Declined string

	said    time.Time
	again   bool // people were reminded; from now on only the log is written
	files   []string
	sources map[string][]byte // of a held version
}

func revisionOf(sources map[string][]byte) pipeline.Rev {
	if sources == nil {
		return ""
	}
	return revision(sources)
}

// paths are where sources were read from.
func (l *Live) paths(sources map[string][]byte) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		out = append(out, filepath.Join(filepath.Dir(l.Loader.Path), name))
	}
	return out
}

// restored forgets a refusal when the files are again as they are in force.
func (l *Live) restored(refused *Refusal) {
	if refused == nil {
		return
	}
	l.mu.Lock()
	l.refused = nil
	current := l.current
	l.mu.Unlock()
	l.settled(refused, current.Snapshot.Rev)
	l.Log.Info("rules.toml is again as it is in force")
}

// refuse leaves the policy in force, and says why.
func (l *Live) refuse(r *Refusal, sources map[string][]byte) {
	r.Since = l.now()
	r.said = r.Since
	l.mu.Lock()
	was := l.refused
	l.refused = r
	kept := keptLine(l.current, l.since)
	l.mu.Unlock()
	l.settled(was, r.Rev)
	l.print(r.Findings, sources)
	if len(r.Held) > 0 {
		line := heldLine(r) + "; " + kept
		l.Log.Warn(line, "loosens", r.Held)
		l.tell("held", line)
		return
	}
	errors, _ := diag.Count(r.Findings)
	line := "rules.toml is not in force: " + kept
	l.Log.Error(line, "errors", errors, "first", firstError(r.Findings))
	l.tell("refused", line+": "+firstError(r.Findings))
}

// remind says again that people run on rules that are not what the file says.
func (l *Live) remind(r *Refusal) {
	now := l.now()
	l.mu.Lock()
	due := now.Sub(r.said) >= remindEvery
	if due {
		r.said = now
	}
	kept, declined := keptLine(l.current, l.since), r.Declined
	l.mu.Unlock()
	if !due || declined != "" {
		return
	}
	line, told := "rules.toml is still broken: "+kept+": "+firstError(r.Findings), r.again
	r.again = true
	if len(r.Held) > 0 {
		line = heldLine(r) + "; " + kept
		l.Log.Warn(line)
	} else {
		l.Log.Error("rules.toml is still broken: "+kept, "first", firstError(r.Findings))
	}
	if !told {
		l.tell("stale", line)
	}
}

func keptLine(p *Policy, since time.Time) string {
	return "kept rev " + pipeline.ShortRev(p.Snapshot.Rev) + " (in force since " + since.Format("15:04") + ")"
}

func heldLine(r *Refusal) string {
	return fmt.Sprintf("rules.toml is held, since it lets more through (%s): a person puts it in force with `ctpipe rules accept %s`",
		strings.Join(r.Held, "; "), r.Rev)
}

// firstError is the first finding that blocks, as one line.
func firstError(findings []diag.Finding) string {
	for _, f := range findings {
		if f.Level == diag.Error {
			return f.String()
		}
	}
	return ""
}
