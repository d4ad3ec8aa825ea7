// Package calls has Claude's tool calls from their judgement to their result, and
// what they have done to the session. It is a part of a session: plain data,
// without clock, agent or lock.
package calls

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// Call is a tool call from its judgement to its result. Its tool use id is
// not unique: one reply may repeat it. Arrival is.
type Call struct {
	Arrival uint64           `json:"arrival"`
	ID      pipeline.ToolID  `json:"id"`
	Tool    string           `json:"tool,omitempty"`
	Hash    string           `json:"hash,omitempty"` // of name, input and cwd, as judged
	Used    bool             `json:"used,omitempty"` // can_use_tool has asked for it: once is all
	Event   *pipeline.Event  `json:"event,omitempty"`
	Verdict pipeline.Verdict `json:"verdict"`
	Top     []pipeline.Vote  `json:"top,omitempty"`
	Rewrote bool             `json:"rewrote,omitempty"`
	Allowed bool             `json:"allowed,omitempty"` // the rules, a mode or a grant allow it
	Told    claude.Decision  `json:"told,omitempty"`    // what PreToolUse was answered
	Reads   bool             `json:"reads,omitempty"`   // it certainly changes nothing
	Parked  bool             `json:"parked,omitempty"`  // it waits for people, and cannot run before they answer
}

// WroteMost is how many written paths a session remembers.
const WroteMost = 256

// Calls are Claude's tool calls that have no result yet, and what earlier
// ones have done to the session. It is plain data.
type Calls struct {
	Arrivals uint64                     `json:"arrivals,omitempty"`
	Open     []Call                     `json:"open,omitempty"`
	Waiting  map[string]pipeline.ToolID `json:"waiting,omitempty"` // requests of can_use_tool that Claude waits for, and what they are about
	Wrote    []string                   `json:"wrote,omitempty"`   // running what Claude wrote stays opaque
	Tainted  bool                       `json:"tainted,omitempty"` // Claude has read what strangers wrote: the web, a server's tool
}

// Judged keeps what PreToolUse found until can_use_tool asks, or the result
// comes. A call that is more than reading makes others' paths uncertain.
func (o *Calls) Judged(id pipeline.ToolID, hash string, run *pipeline.Run, allowed bool, told claude.Decision) (arrival uint64) {
	o.Arrivals++
	c := Call{Arrival: o.Arrivals, ID: id, Hash: hash, Allowed: allowed, Told: told}
	c.judge(run)
	c.Reads = c.Reads || told == claude.Deny
	c.Used = told == claude.Deny
	o.Open = append(o.Open, c)
	return c.Arrival
}

// Unjudged puts a call on the list that PreToolUse never saw. Until it is judged
// nobody knows what it changes.
func (o *Calls) Unjudged(id pipeline.ToolID) (arrival uint64) {
	o.Arrivals++
	o.Open = append(o.Open, Call{Arrival: o.Arrivals, ID: id, Used: true})
	return o.Arrivals
}

func (c *Call) judge(run *pipeline.Run) {
	c.Event, c.Tool, c.Rewrote, c.Reads = run.Event, run.Event.Tool.Name, run.Rewrote, facts.OnlyReads(run.Event)
	c.Verdict, c.Top = run.Verdict()
}

// Take uses up what PreToolUse found about a call; false: it found nothing, or
// about another content.
func (o *Calls) Take(id pipeline.ToolID, tool, hash string) (Call, bool) {
	for i := range o.Open {
		c := &o.Open[i]
		if !c.Used && c.ID == id && c.Tool == tool && c.Hash == hash {
			c.Used = true
			return *c, true
		}
	}
	return Call{}, false
}

// Rejudged puts a newer judgement of a call in the place of an older one.
func (o *Calls) Rejudged(arrival uint64, run *pipeline.Run) {
	if c := o.find(arrival); c != nil {
		c.judge(run)
	}
}

// Park notes whether a call waits for people.
func (o *Calls) Park(arrival uint64, parked bool) {
	if c := o.find(arrival); c != nil {
		c.Parked = parked
	}
}

func (o *Calls) find(arrival uint64) *Call {
	for i := range o.Open {
		if o.Open[i].Arrival == arrival {
			return &o.Open[i]
		}
	}
	return nil
}

// Ended takes the oldest call with an id off the list: its result came, or
// Claude gave it up.
func (o *Calls) Ended(id pipeline.ToolID) {
	at := slices.IndexFunc(o.Open, func(c Call) bool { return c.ID == id })
	if at >= 0 {
		o.Open = slices.Delete(slices.Clone(o.Open), at, at+1)
	}
}

// Drop takes one call off the list: nobody waits for its answer.
func (o *Calls) Drop(arrival uint64) {
	o.Open = slices.DeleteFunc(slices.Clone(o.Open), func(c Call) bool { return c.Arrival == arrival })
}

// BusyBeside reports that another call may change files while one is judged. One
// that waits for people cannot run before they answer, and is then judged again
// itself; it counts only while a call is judged for the first time (self is 0).
func (o *Calls) BusyBeside(self uint64) bool {
	return slices.ContainsFunc(o.Open, func(c Call) bool {
		return c.Arrival != self && !c.Reads && (self == 0 || !c.Parked)
	})
}

// WillRun remembers what a call that may run from now on does to the session:
// what it writes, since running that later is opaque, and whether Claude reads
// by it what strangers wrote. It reports whether anything is new: a crash must
// not forget that.
func (o *Calls) WillRun(ev *pipeline.Event) (news bool) {
	if facts.ReadsStrangers(ev) && !o.Tainted {
		o.Tainted, news = true, true
	}
	for _, p := range ev.Tool.Paths {
		if p.Write && !written(o.Wrote, p.Real) {
			o.Wrote, news = append(o.Wrote, p.Real), true
		}
	}
	o.Wrote = widened(o.Wrote)
	return news
}

// Await notes a request of can_use_tool that Claude waits for.
func (o *Calls) Await(request string, id pipeline.ToolID) {
	if o.Waiting == nil {
		o.Waiting = map[string]pipeline.ToolID{}
	}
	o.Waiting[request] = id
}

// Waits reports that Claude still waits for an answer to a request.
func (o *Calls) Waits(request string) bool {
	_, waits := o.Waiting[request]
	return waits
}

// Answered ends the wait for a request; false: Claude did not wait for it.
func (o *Calls) Answered(request string) (id pipeline.ToolID, waited bool) {
	id, waited = o.Waiting[request]
	delete(o.Waiting, request)
	return id, waited
}

// TurnEnded forgets calls that never got a result: they do not run any more.
func (o *Calls) TurnEnded() { o.Open = nil }

// Gone forgets everything that a Claude waits for which is gone.
func (o *Calls) Gone() { o.Open, o.Waiting = nil, nil }

// written reports a path that is among those that Claude wrote, or below one of
// their directories.
func written(wrote []string, path string) bool {
	return slices.ContainsFunc(wrote, func(known string) bool {
		return known == path || strings.HasSuffix(known, "/") && strings.HasPrefix(path, known)
	})
}

// widened keeps a list of written paths within WroteMost and forgets none: where
// there are too many, their directories stand for them, up to / for everything.
func widened(wrote []string) []string {
	for len(wrote) > WroteMost {
		var out []string
		for _, path := range wrote {
			dir := strings.TrimSuffix(filepath.Dir(filepath.Clean(path)), "/") + "/"
			if !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		}
		wrote = out
	}
	return wrote
}

// Clone shares nothing with the calls that they change later.
func (o *Calls) Clone() Calls {
	c := *o
	c.Open, c.Waiting, c.Wrote = slices.Clone(o.Open), maps.Clone(o.Waiting), slices.Clone(o.Wrote)
	return c
}
