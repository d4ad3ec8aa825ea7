package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"ctpipe/pipeline"
)

// Outcome is what a rule set says about one event. The verdict is not its
// business: votes of hooks and stages join these.
type Outcome struct {
	Votes    []pipeline.Vote // shadow votes included, marked
	Settings Settings
	Judged   int      // rules evaluated
	Matched  []string // ids of the rules that applied, in file order, shadow rules included
	Notes    []Note   // what could not be judged and cast no vote
}

// Note is a rule's remark for the trace.
type Note struct{ Rule, At, Text string }

// Settings are what rules set beside verdicts; zero values are not set.
type Settings struct {
	Style    string // show
	MaxLines int    // show
	Template string // show
	Start    Start  // start
	Raise    pipeline.Mode
	By       map[string]string // key ("style", "set.dir", "raise") → id of the rule that gave it
}

// Judge asks every rule that could apply to the event. It is a pure function
// of the Set and the event and may be called from any goroutine.
func (s *Set) Judge(ev *pipeline.Event) Outcome { return s.judge(ev, true) }

func (s *Set) judge(ev *pipeline.Event, indexed bool) Outcome {
	var out Outcome
	kind := s.kinds[ev.Kind]
	if kind == nil {
		return out
	}
	j := judgement{set: s, ev: ev, unknown: unknownFacts(ev), out: &out}
	if indexed && kind.index != nil {
		kind.index.each(ev, j.unknown, s, j.rule)
	} else {
		for _, r := range kind.rules {
			j.rule(r)
		}
	}
	if j.vm != nil {
		s.vms.Put(j.vm)
	}
	return out
}

// judgement is one event on its way through the rules.
type judgement struct {
	set     *Set
	ev      *pipeline.Event
	unknown []string
	env     any
	vm      *vm.VM
	out     *Outcome
}

func (j *judgement) rule(r *rule) {
	if r.Mode == "off" {
		return
	}
	j.out.Judged++
	when, err := j.eval(r.when)
	if err != nil {
		j.unknownWhen(r, err)
		return
	}
	if !when {
		return
	}
	var unlessErr error
	if r.unless != nil {
		var excepted bool
		if excepted, unlessErr = j.eval(r.unless); unlessErr == nil && excepted {
			return
		}
	}
	if unlessErr != nil && (!r.HasThen || r.Then == pipeline.Allow) {
		j.note(r, "unless: "+j.reason(unlessErr))
		return
	}
	j.out.Matched = append(j.out.Matched, r.ID)
	if r.HasThen {
		v := r.vote()
		if unlessErr != nil {
			v.Err = "unless: " + j.reason(unlessErr)
		}
		j.out.Votes = append(j.out.Votes, v)
	}
	if unlessErr == nil && r.Mode != "shadow" {
		j.out.Settings.take(r)
	}
}

// vote is what a rule says when it applies.
func (r *rule) vote() pipeline.Vote {
	v := pipeline.Vote{Verdict: r.Then, Source: pipeline.SourceRule, By: r.ID, Why: r.Why, At: r.at, Shadow: r.Mode == "shadow"}
	if r.Then == pipeline.Ask {
		v.Terms = r.Terms
	}
	return v
}

// unknownWhen is the vote of a rule whose condition could not be judged: an
// allow rule keeps silent, an ask rule asks, and a deny rule becomes what
// on_error says, with somebody other than the requester.
func (j *judgement) unknownWhen(r *rule, err error) {
	if !r.HasThen || r.Then == pipeline.Allow {
		j.note(r, j.reason(err))
		return
	}
	v := r.vote()
	v.Err = j.reason(err)
	if r.Then == pipeline.Deny {
		v.Verdict = j.set.file.onError(r.On)
		v.Terms.Other = true
	}
	j.out.Votes = append(j.out.Votes, v)
}

// onError is what stands for a deny that could not be judged; never allow.
func (f *File) onError(k pipeline.Kind) pipeline.Verdict {
	if v := f.OnError.Kind[k]; v == pipeline.Ask || v == pipeline.Deny {
		return v
	}
	return pipeline.Deny
}

func (j *judgement) note(r *rule, text string) {
	j.out.Notes = append(j.out.Notes, Note{Rule: r.ID, At: r.at, Text: text})
}

// reason is an evaluation error in the words of the trace.
func (j *judgement) reason(err error) string {
	var missing unknownFact
	if !errors.As(err, &missing) {
		var fe *file.Error
		if errors.As(err, &fe) {
			return "could not judge: " + friendly(firstLine(fe.Message))
		}
		return "could not judge: " + firstLine(err.Error())
	}
	if j.ev.Tool.Why != "" && strings.HasPrefix(missing.path, "tool") {
		return fmt.Sprintf("could not judge: %s unknown (%s)", missing.path, j.ev.Tool.Why)
	}
	return fmt.Sprintf("could not judge: %s unknown", missing.path)
}

// eval runs one program. Every way in which it can fail is an error: none is
// "false".
func (j *judgement) eval(p *program) (result bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			j.vm = nil // its state is not to be trusted
			result, err = false, fmt.Errorf("panic: %v", r)
		}
	}()
	code := p.fast
	if len(j.unknown) > 0 && p.touches(j.set, j.unknown) {
		if code, err = p.needing(j.set); err != nil {
			return false, fmt.Errorf("compiling for unknown facts: %w", err)
		}
	}
	if j.env == nil {
		var ask func(int) (bool, error)
		if len(j.unknown) > 0 {
			ask = j.set.asker(j.unknown)
		}
		j.env = newEnv(j.ev, ask)
		j.vm = j.set.vms.Get().(*vm.VM)
	}
	if j.vm == nil {
		j.vm = j.set.vms.Get().(*vm.VM)
	}
	v, err := j.vm.Run(code, j.env)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("gave %T, not true or false", v)
	}
	return b, nil
}

// take keeps what the rule sets and no earlier rule has set; of modes the most
// careful wins.
func (s *Settings) take(r *rule) {
	text(s, &s.Style, r.Style, "style", r.ID)
	text(s, &s.Template, r.Template, "template", r.ID)
	text(s, &s.Start.Dir, r.Set.Dir, "set.dir", r.ID)
	text(s, &s.Start.Model, r.Set.Model, "set.model", r.ID)
	text(s, &s.Raise, r.Raise, "raise", r.ID)
	if r.MaxLines > 0 && s.MaxLines == 0 {
		s.MaxLines = r.MaxLines
		s.note("max_lines", r.ID)
	}
	if m := r.Set.Mode; m != "" && (s.Start.Mode == "" || m.Rank() < s.Start.Mode.Rank()) {
		s.Start.Mode = m
		s.note("set.mode", r.ID)
	}
}

func text[T ~string](s *Settings, into *T, value T, key, id string) {
	if value != "" && *into == "" {
		*into = value
		s.note(key, id)
	}
}

func (s *Settings) note(key, id string) {
	if s.By == nil {
		s.By = map[string]string{}
	}
	s.By[key] = id
}
