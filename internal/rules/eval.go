package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"ctpipe/pipeline"
)

// judgement is one event on its way through the rules. Its lists, machine and
// environment serve one event after the other.
type judgement struct {
	set     *Set
	ev      *pipeline.Event
	reached *reached // nil: every fact is known
	env     any      // nil until an expression asks for it
	out     Outcome
	votes   []pipeline.Vote
	matched []string
	results []uint8 // of the programs that were run, by id

	space toolSpace
	facts reached
	vm    vm.VM
}

func newJudgement() any { return &judgement{vm: vm.VM{MemoryBudget: memoryBudget}} }

// begin takes a judgement for ev; end gives it back.
func (s *Set) begin(ev *pipeline.Event) *judgement {
	j := s.judgements.Get().(*judgement)
	j.set, j.ev = s, ev
	if len(j.results) != len(s.distinct) {
		j.results = make([]uint8, len(s.distinct))
	}
	if unknown := unknownFacts(ev); len(unknown) > 0 {
		j.facts.start(s.paths, unknown, ev.Tool.Why)
		j.reached = &j.facts
	}
	return j
}

// end lets go of the event, of which nothing may stay in memory.
func (j *judgement) end() {
	if j.env != nil {
		j.space.empty()
	}
	j.ev, j.reached, j.env, j.out = nil, nil, nil, Outcome{}
	clear(j.votes)
	clear(j.results)
	clear(j.facts.at)
	clear(j.vm.Stack[:cap(j.vm.Stack)])
	j.votes, j.matched, j.facts.first = j.votes[:0], j.matched[:0], nil
	j.set.judgements.Put(j)
}

// environment is what the expressions see of the event.
func (j *judgement) environment() any {
	switch {
	case j.env != nil:
	case j.ev.Kind == pipeline.KindTool:
		j.space.fill(j.ev, j.reached)
		j.env = &j.space.env
	default:
		j.env = newEnv(j.ev, j.reached)
	}
	return j.env
}

// The results of a program that was run; 0 is none yet.
const (
	gaveFalse uint8 = iota + 1
	gaveTrue
)

// judge gives what one program says of the event. Rules are pure, so programs
// with the same text are run once.
func (j *judgement) judge(p *program) (bool, error) {
	if known := j.results[p.id]; known != 0 {
		return known == gaveTrue, nil
	}
	result, err := j.eval(p)
	switch {
	case err != nil:
	case result:
		j.results[p.id] = gaveTrue
	default:
		j.results[p.id] = gaveFalse
	}
	return result, err
}

// eval runs one program. Every way in which it can fail is an error: none is
// "false".
func (j *judgement) eval(p *program) (result bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			j.vm = vm.VM{MemoryBudget: memoryBudget} // its state is not to be trusted
			result, err = false, fmt.Errorf("panic: %v", r)
		}
	}()
	code := p.fast
	if j.reached != nil && j.reached.by(p) {
		if code, err = p.needing(j.set); err != nil {
			return false, fmt.Errorf("compiling for unknown facts: %w", err)
		}
		j.reached.first = nil
	}
	v, err := j.vm.Run(code, j.environment())
	if j.reached != nil && j.reached.first != nil {
		fact := j.reached.first
		j.reached.first = nil
		return false, fact // whatever came after it
	}
	return yesOrNo(v, err)
}

// yesOrNo is what an expression gave, which is true or false or an error.
func yesOrNo(v any, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("gave %T, not true or false", v)
	}
	return b, nil
}

// reason is an evaluation error in the words of the trace.
func (j *judgement) reason(err error) string {
	if fact, ok := errors.AsType[*unknownFact](err); ok {
		return fact.reason()
	}
	if fe, ok := errors.AsType[*file.Error](err); ok {
		return "could not judge: " + friendly(firstLine(fe.Message))
	}
	return "could not judge: " + firstLine(err.Error())
}

// reason is made once for all rules that reach the fact.
func (e *unknownFact) reason() string {
	if e.said == "" {
		e.said = "could not judge: " + e.path + " unknown"
		if e.why != "" && strings.HasPrefix(e.path, "tool") {
			e.said += " (" + e.why + ")"
		}
	}
	return e.said
}
