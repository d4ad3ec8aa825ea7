package rules

import (
	"fmt"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"ctpipe/pipeline"
)

// The results of a rule's step.
const (
	ResultMatched  = "matched"
	ResultNot      = "not"
	ResultExcepted = "excepted" // when was true, and unless too
	ResultUnknown  = "unknown"
	ResultOff      = "off"
)

// RuleStep says how one rule came to its opinion on an event.
type RuleStep struct {
	ID          string           `json:"id"`
	At          string           `json:"at"` // file:line:col
	Then        pipeline.Verdict `json:"then"`
	Shadow      bool             `json:"shadow,omitempty"`
	Result      string           `json:"result"`
	Err         string           `json:"err,omitempty"`
	Values      []Value          `json:"values,omitempty"`
	NearestMiss string           `json:"nearest_miss,omitempty"`
}

// Value is one sub-expression that was reached, in the order of evaluation.
// Inside a predicate it appears once per element, the first few of them.
type Value struct {
	Part  string `json:"part"` // when or unless
	Text  string `json:"text"`
	Holds bool   `json:"holds"`
	Saw   string `json:"saw,omitempty"` // the left side of a comparison
	At    string `json:"at"`
}

const (
	maxValues  = 64 // per rule
	maxRepeats = 4  // of one sub-expression
)

// Explain runs every rule of the event's kind again, traced. It compiles the
// traced programs as it goes and costs nothing until it is called; what it
// says agrees with Judge because rules are pure.
func (s *Set) Explain(ev *pipeline.Event) []RuleStep {
	kind := s.kinds[ev.Kind]
	if kind == nil {
		return nil
	}
	x := &explainer{judgement: s.begin(ev)}
	defer x.end()
	steps := make([]RuleStep, 0, len(kind.rules))
	for _, r := range kind.rules {
		steps = append(steps, x.step(r))
	}
	return steps
}

type explainer struct{ *judgement }

func (x *explainer) step(r *rule) RuleStep {
	step := RuleStep{ID: r.ID, At: r.at, Then: r.Then, Shadow: r.Mode == "shadow", Result: ResultNot}
	if r.Mode == "off" {
		step.Result = ResultOff
		return step
	}
	when, err := x.traced(r.when, "when", &step)
	switch {
	case err != nil:
		step.Result, step.Err = ResultUnknown, x.reason(err)
	case when && r.unless != nil:
		excepted, uerr := x.traced(r.unless, "unless", &step)
		switch {
		case uerr != nil && (!r.HasThen || r.Then == pipeline.Allow):
			step.Result, step.Err = ResultUnknown, "unless: "+x.reason(uerr)
		case uerr != nil:
			step.Result, step.Err = ResultMatched, "unless: "+x.reason(uerr)
		case excepted:
			step.Result = ResultExcepted
		default:
			step.Result = ResultMatched
		}
	case when:
		step.Result = ResultMatched
	}
	step.NearestMiss = x.nearestMiss(r, step.Result)
	return step
}

// traced runs a program that records every comparison it reaches.
func (x *explainer) traced(p *program, part string, step *RuleStep) (result bool, err error) {
	t := &tracer{texts: map[ast.Node]string{}, simple: map[ast.Node]bool{}}
	chains := &chainFinder{inner: map[ast.Node]bool{}, path: map[ast.Node]string{}}
	record := func(args ...any) (any, error) {
		id, holds := args[0].(int), args[1].(bool)
		note := &t.points[id]
		if note.count++; note.count > maxRepeats || len(step.Values) >= maxValues {
			return holds, nil
		}
		v := Value{Part: part, Text: note.text, Holds: holds, At: x.set.where(p.expr, note.loc)}
		if len(args) > 2 {
			v.Saw = show(args[2])
		}
		step.Values = append(step.Values, v)
		return holds, nil
	}
	defer func() {
		if r := recover(); r != nil {
			result, err = false, fmt.Errorf("panic: %v", r)
		}
	}()
	opts := append(functionOptions(), expr.Env(environments[p.kind]), expr.AsBool(), expr.MaxNodes(maxNodes), expr.Optimize(false),
		stopping(), expr.Function(traceName, record, new(func(int, bool) bool), new(func(int, bool, any) bool)),
		expr.Patch(&expander{defs: x.set.defs}), expr.Patch((*textFinder)(t)), expr.Patch(constants{}), expr.Patch(chains),
		expr.Patch(&needer{set: x.set, chains: chains}), expr.Patch(t))
	code, err := expr.Compile(p.expr.Text, opts...)
	if err != nil {
		return false, fmt.Errorf("compiling the trace: %w", err)
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	return yesOrNo(machine.Run(code, x.environment()))
}

// where is a place as file:line:col.
func (s *Set) where(e Expr, loc file.Location) string {
	at := s.file.place(e, loc)
	return fmt.Sprintf("%s:%d:%d", s.file.Name, at.Line, at.Col)
}

// show renders a value for people, cut short.
func show(v any) string {
	switch x := v.(type) {
	case string:
		return strconv.Quote(clip(x))
	case []string:
		return clip(fmt.Sprintf("%q", x))
	case nil:
		return "nothing"
	case bool, int, int64, float64:
		return fmt.Sprint(x)
	}
	return ""
}
