package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"ctpipe/pipeline"
)

// ErrUnknown is the cause of every evaluation that reached a fact nobody could
// establish.
var ErrUnknown = errors.New("unknown fact")

// unknownFact names the fact that was reached.
type unknownFact struct{ path string }

func (e unknownFact) Error() string { return e.path + " unknown" }

// Is makes errors.Is(err, ErrUnknown) true.
func (e unknownFact) Is(target error) bool { return target == ErrUnknown }

// covers reports whether unknown and read name the same fact, or one a part of
// the other: tool.commands covers tool, tool.commands and tool.commands.x.
func covers(unknown, read string) bool {
	return unknown == read || strings.HasPrefix(read, unknown+".") || strings.HasPrefix(unknown, read+".")
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

// touches reports whether the program reads one of the unknown facts.
func (p *program) touches(s *Set, unknown []string) bool {
	for _, i := range p.reads {
		if unknownOf(unknown, s.paths[i]) != "" {
			return true
		}
	}
	return false
}

// needing is the program that asks before each fact whether it is known.
// Reaching an unknown one is an error under the rule's name; a part that short
// circuits skip stays honest.
func (p *program) needing(s *Set) (*vm.Program, error) {
	p.once.Do(func() {
		chains := &chainFinder{inner: map[ast.Node]bool{}, path: map[ast.Node]string{}}
		p.need, p.needErr = s.build(p.expr.Text, p.kind, chains, &needer{set: s, chains: chains})
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
	arg := &ast.IntegerNode{Value: index}
	callee := &ast.IdentifierNode{Value: "__need"}
	call := &ast.CallNode{Callee: callee, Arguments: []ast.Node{arg}}
	for _, part := range []ast.Node{arg, callee, call} {
		part.SetLocation((*n).Location())
	}
	ast.Patch(n, &ast.SequenceNode{Nodes: []ast.Node{call, *n}})
}

// asker answers the programs' question for one event.
func (s *Set) asker(unknown []string) func(int) (bool, error) {
	return func(i int) (bool, error) {
		if i < 0 || i >= len(s.paths) {
			return false, fmt.Errorf("%w: a fact that was not interned", ErrUnknown)
		}
		if u := unknownOf(unknown, s.paths[i]); u != "" {
			return false, unknownFact{u}
		}
		return true, nil
	}
}

// unknownFacts are the event's unknown facts with those that are over a cap.
func unknownFacts(ev *pipeline.Event) []string {
	long := tooLong(ev)
	if len(long) == 0 {
		return ev.Unknown
	}
	return append(append([]string{}, ev.Unknown...), long...)
}
