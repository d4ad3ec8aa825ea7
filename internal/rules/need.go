package rules

import (
	"errors"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"ctpipe/pipeline"
)

// ErrUnknown is the cause of every evaluation that reached a fact nobody could
// establish.
var ErrUnknown = errors.New("unknown fact")

// unknownFact is a fact that nobody could establish, as the error of the rules
// that reach it.
type unknownFact struct {
	path, why string
	said      string // the reason that votes give, once it is made
}

func (e *unknownFact) Error() string { return e.path + " unknown" }

// Is makes errors.Is(err, ErrUnknown) true.
func (e *unknownFact) Is(target error) bool { return target == ErrUnknown }

// covers reports whether unknown and read name the same fact, or one a part of
// the other: tool.commands covers tool, tool.commands and tool.commands.x.
func covers(unknown, read string) bool {
	n := min(len(unknown), len(read))
	return unknown[:n] == read[:n] && (len(unknown) == len(read) || n < len(read) && read[n] == '.' || n < len(unknown) && unknown[n] == '.')
}

// unknownOf is the fact among unknown that path touches, or "".
func unknownOf(unknown []string, path string) string {
	for _, u := range unknown {
		if covers(u, path) {
			return u
		}
	}
	return ""
}

// reached notes which unknown fact an evaluation comes to first. That is no
// error of the machine, which would cost more than the evaluation: it goes on
// over what stands in the fact's place, and its result is thrown away.
type reached struct {
	at    []*unknownFact // by interned path; nil: known
	first *unknownFact
}

// start finds out which of the paths that rules read are unknown.
func (r *reached) start(paths, unknown []string, why string) {
	if len(r.at) != len(paths) {
		r.at = make([]*unknownFact, len(paths))
	}
	for _, u := range unknown {
		fact := &unknownFact{path: u, why: why}
		for i, path := range paths {
			if r.at[i] == nil && covers(u, path) {
				r.at[i] = fact
			}
		}
	}
}

// by reports whether the program reads one of the unknown facts.
func (r *reached) by(p *program) bool {
	for _, i := range p.reads {
		if r.at[i] != nil {
			return true
		}
	}
	return false
}

// fact is what is unknown of an interned path, or nil.
func (r *reached) fact(i int) *unknownFact {
	if i < 0 || i >= len(r.at) {
		return &unknownFact{path: "a fact that was not interned"}
	}
	return r.at[i]
}

// needName is the function that programs ask before each fact; rules cannot
// name it.
const needName = "__reach"

// noting is the function that notes an unknown fact and goes on.
func noting() expr.Option {
	return expr.Function(needName, func(args ...any) (any, error) {
		if r := args[0].(*reached); r != nil && r.first == nil {
			r.first = r.fact(args[1].(int))
		}
		return true, nil
	}, new(func(*reached, int) bool))
}

// stopping is the function that ends the evaluation at an unknown fact, so that
// a trace shows only what was reached.
func stopping() expr.Option {
	return expr.Function(needName, func(args ...any) (any, error) {
		if r := args[0].(*reached); r != nil {
			if fact := r.fact(args[1].(int)); fact != nil {
				return false, fact
			}
		}
		return true, nil
	}, new(func(*reached, int) bool))
}

// needing is the program that asks before each fact whether it is known.
// Reaching an unknown one is an error under the rule's name; a part that short
// circuits skip stays honest.
func (p *program) needing(s *Set) (*vm.Program, error) {
	p.once.Do(func() {
		chains := &chainFinder{inner: map[ast.Node]bool{}, path: map[ast.Node]string{}}
		p.need, p.needErr = s.build(p.expr.Text, p.kind, noting(), expr.Patch(chains), expr.Patch(&needer{set: s, chains: chains}))
	})
	return p.need, p.needErr
}

// chainFinder notes every fact path of a tree, and which of them are only the
// beginning of a longer one.
type chainFinder struct {
	inner map[ast.Node]bool
	path  map[ast.Node]string
}

// Visit is called children first.
func (v *chainFinder) Visit(n *ast.Node) {
	if call, ok := (*n).(*ast.CallNode); ok {
		v.inner[call.Callee] = true
	}
	path, ok := factPath(*n)
	if !ok {
		return
	}
	v.path[*n] = path
	switch x := (*n).(type) {
	case *ast.MemberNode:
		v.inner[x.Node] = true
	case *ast.ChainNode:
		v.inner[x.Node] = true
	}
}

// needer puts the question before each maximal fact path.
type needer struct {
	set    *Set
	chains *chainFinder
}

// Visit replaces a fact path by "ask; path", which keeps the path's type.
func (v *needer) Visit(n *ast.Node) {
	path, ok := v.chains.path[*n]
	if !ok || v.chains.inner[*n] {
		return
	}
	index := -1
	for i, p := range v.set.paths {
		if p == path {
			index = i
		}
	}
	notes, arg := &ast.IdentifierNode{Value: "__need"}, &ast.IntegerNode{Value: index}
	callee := &ast.IdentifierNode{Value: needName}
	call := &ast.CallNode{Callee: callee, Arguments: []ast.Node{notes, arg}}
	for _, part := range []ast.Node{notes, arg, callee, call} {
		part.SetLocation((*n).Location())
	}
	ast.Patch(n, &ast.SequenceNode{Nodes: []ast.Node{call, *n}})
}

// unknownFacts are the event's unknown facts with those that are over a cap.
func unknownFacts(ev *pipeline.Event) []string {
	long := tooLong(ev)
	if len(long) == 0 {
		return ev.Unknown
	}
	return append(append([]string{}, ev.Unknown...), long...)
}
