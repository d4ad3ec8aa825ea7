package hooks

import (
	"context"
	"errors"
	"sort"
	"time"

	"ctpipe/pipeline"
)

// Set is the hooks of one policy snapshot, ready to run. It is immutable but
// for its pools and circuits, and safe for concurrent use.
type Set struct {
	hooks    []*hook
	commands map[string]*hook
	help     []Command
	now      func() time.Time
}

// hook is one listed script.
type hook struct {
	name     string
	source   Source
	unit     *unit
	modules  map[string]*unit
	kinds    map[pipeline.Kind]bool
	commands []Command
	idle     chan *state
	circuit  *breaker
	patterns *patterns
	store    Store
}

// Command is a custom command that a hook brings.
type Command struct {
	Name string // without the mark: "review"
	Help string // one line, as !help prints it
	Hook string
}

// Commands lists the custom commands, by name.
func (s *Set) Commands() []Command { return s.help }

// Kinds tells which events any hook wants.
func (s *Set) Kinds() []pipeline.Kind {
	var out []pipeline.Kind
	for _, k := range pipeline.Kinds {
		for _, h := range s.hooks {
			if h.kinds[k] {
				out = append(out, k)
				break
			}
		}
	}
	return out
}

// Wants reports whether any hook would be asked about the event.
func (s *Set) Wants(ev *pipeline.Event) bool {
	for _, h := range s.hooks {
		if wanted, _ := s.wants(h, ev); wanted {
			return true
		}
	}
	return false
}

// wants reports whether a hook is asked about an event, and the custom command
// it is to run, if it is one of its own.
func (s *Set) wants(h *hook, ev *pipeline.Event) (wanted bool, command string) {
	if ev.Kind == pipeline.KindCommand && !ev.Command.Slash && s.commands[ev.Command.Name] == h {
		return true, ev.Command.Name
	}
	return h.kinds[ev.Kind], ""
}

// Open lists the hooks whose circuit is open.
func (s *Set) Open() []string {
	var out []string
	for _, h := range s.hooks {
		if h.circuit.isOpen() {
			out = append(out, h.name)
		}
	}
	sort.Strings(out)
	return out
}

// Run asks every hook that wants events of this kind, in the order of
// rules.toml; each sees the text of a show or post event as those before it
// left it. The event must never change afterwards, not even when Run has
// returned: an abandoned call may still be reading it. Run takes at most the
// sum of the hooks' timeouts and 50 ms each.
func (s *Set) Run(ctx context.Context, ev *pipeline.Event) []Result {
	return s.each(ctx, ev, nil)
}

// Replay is Run with the store reads that were recorded, by hook: a key that is
// not among them is not found. It leaves stores and circuits alone.
func (s *Set) Replay(ctx context.Context, ev *pipeline.Event, reads map[string][]Read) []Result {
	if reads == nil {
		reads = map[string][]Read{}
	}
	return s.each(ctx, ev, reads)
}

func (s *Set) each(ctx context.Context, ev *pipeline.Event, reads map[string][]Read) []Result {
	out := make([]Result, 0, len(s.hooks))
	for _, h := range s.hooks {
		wanted, command := s.wants(h, ev)
		if !wanted {
			continue
		}
		c := &call{hook: h, event: ev, command: command, bytes: maxBytes, work: maxWork}
		if reads != nil {
			if c.replay = reads[h.name]; c.replay == nil {
				c.replay = []Read{}
			}
		}
		res := s.one(ctx, h, c)
		res.Custom = command != ""
		out = append(out, res)
		ev = res.passOn(ev)
	}
	return out
}

// passOn is the event that the hooks after this one see: what it took out of
// a text, they cannot put back.
func (r Result) passOn(ev *pipeline.Event) *pipeline.Event {
	if r.Text == nil {
		return ev
	}
	next := *ev
	if ev.Kind == pipeline.KindShow {
		next.Show.Text = *r.Text
	} else {
		next.Post.Text = *r.Text
	}
	return &next
}

func (s *Set) one(ctx context.Context, h *hook, c *call) Result {
	r := Result{Hook: h.name, At: h.source.At}
	kind, replay := c.event.Kind, c.replay != nil
	if !replay && h.circuit.isOpen() {
		return h.fail(r, kind, ErrOpen)
	}
	began := time.Now()
	out := h.guard(ctx, c, h.source.Timeout)
	r.Took, r.Logs, r.Reads = time.Since(began), out.logs, out.reads
	if out.err != nil {
		if errors.Is(out.err, ErrTimeout) && !replay {
			r.Opened = h.circuit.timedOut(s.now())
		}
		return h.fail(r, kind, out.err)
	}
	if !replay && len(out.writes) > 0 {
		now := c.event.Time.Unix
		r.commit = func(w []Write) error { return h.store.Commit(h.name, now, w) }
	}
	return h.accept(r, out)
}
