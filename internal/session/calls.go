package session

import (
	"path/filepath"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// openCall is a tool call from its judgement to its result. Its tool use id is
// not unique: one reply may repeat it.
type openCall struct {
	id      pipeline.ToolID
	arrival uint64        // in the ledger
	run     *pipeline.Run // what was judged
	allowed bool          // the rules, a mode or a grant allow it
	told    claude.Decision
	reads   bool // it certainly changes nothing
	parked  bool // it waits for people, and cannot run before they answer
}

// judged keeps what door one found until door two asks, or the result comes.
// A call that is more than reading makes others' paths uncertain.
func (s *Session) judged(c claude.GateCall, run *pipeline.Run, allowed bool, told claude.Decision) *openCall {
	call := &openCall{id: pipeline.ToolID(c.ToolUseID), run: run, allowed: allowed, told: told,
		reads: told == claude.Deny || facts.OnlyReads(run.Event)}
	if told != claude.Deny {
		call.arrival = s.ledger.Put(c, claude.Hash(c.ToolName, c.Input, c.Cwd), told).Arrival
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, call)
	if told == claude.Allow || told == claude.None {
		s.willRun(run.Event)
	}
	return call
}

// take uses up the record that door one made of a call, nil if there is none.
func (s *Session) take(c claude.AskCall) *openCall {
	rec, known := s.ledger.Take(c, claude.Hash(c.ToolName, c.Input, c.Cwd))
	if !known {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.open {
		if call.arrival == rec.Arrival {
			return call
		}
	}
	return nil
}

// endedCall takes a call off the list; the lock is held. Its result came, or Claude gave it up.
func (s *Session) endedCall(id pipeline.ToolID) {
	at := slices.IndexFunc(s.open, func(c *openCall) bool { return c.id == id })
	if at < 0 {
		return
	}
	s.open = slices.Delete(s.open, at, at+1)
	if !slices.ContainsFunc(s.open, func(c *openCall) bool { return c.id == id }) {
		s.ledger.Forget(s.claudeID, string(id))
	}
}

func (s *Session) dropCall(call *openCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(c *openCall) bool { return c == call })
}

// busyBeside reports that something else may change files while a call is
// judged; the lock is held. A call that waits for people cannot run before they
// answer, and is then judged again itself; it counts only at door one.
func (s *Session) busyBeside(self *openCall) bool {
	return s.tasks > 0 || slices.ContainsFunc(s.open, func(c *openCall) bool {
		return c != self && !c.reads && (self == nil || !c.parked)
	})
}

// park notes whether a call waits for people.
func (s *Session) park(call *openCall, parked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.parked = parked
}

// willRun remembers what a call that may run from now on does to the session:
// what it writes, since running that later is opaque (S6), and whether Claude
// reads by it what strangers wrote. The lock is held.
func (s *Session) willRun(ev *pipeline.Event) {
	tainted, n := s.tainted, len(s.wrote)
	s.tainted = s.tainted || facts.ReadsStrangers(ev)
	for _, p := range ev.Tool.Paths {
		if p.Write && !written(s.wrote, p.Real) {
			s.wrote = append(s.wrote, p.Real)
		}
	}
	if tainted != s.tainted || n != len(s.wrote) {
		s.saveSoon() // a crash must not forget it
	}
	s.wrote = widened(s.wrote)
}

// written reports a path that is among those that Claude wrote, or below one of
// their directories.
func written(wrote []string, path string) bool {
	return slices.ContainsFunc(wrote, func(known string) bool {
		return known == path || strings.HasSuffix(known, "/") && strings.HasPrefix(path, known)
	})
}

// widened keeps a list of written paths within wroteMost and forgets none: where
// there are too many, their directories stand for them, up to / for everything.
func widened(wrote []string) []string {
	for len(wrote) > wroteMost {
		var out []string
		for _, path := range wrote {
			dir := strings.TrimSuffix(filepath.Dir(strings.TrimSuffix(path, "/")), "/") + "/"
			if !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		}
		wrote = out
	}
	return wrote
}
