package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// traceName is the function that traced programs call; rules cannot name it.
const traceName = "__trace"

// tracer wraps the conditions of an expression so that each one that is
// evaluated is recorded. It works on the tree, not on the machine's code, so
// that it survives new versions of the expression library.
type tracer struct {
	texts  map[ast.Node]string // of the nodes to trace, as written
	simple map[ast.Node]bool   // comparisons whose left side is a plain fact
	points []point
}

// point is one traced sub-expression.
type point struct {
	text  string
	loc   file.Location
	count int
}

// textFinder is the tracer's first pass: it notes which nodes to trace and how
// they read, before other passes change the tree.
type textFinder tracer

// Visit is called children first.
func (v *textFinder) Visit(n *ast.Node) {
	switch x := (*n).(type) {
	case *ast.BinaryNode:
		if !comparison(x.Operator) {
			return
		}
		v.texts[*n] = x.String()
		v.simple[*n] = plainFact(x.Left)
	case *ast.BuiltinNode:
		if slices.Contains([]string{"any", "all", "none", "one", "hasPrefix", "hasSuffix"}, x.Name) {
			v.texts[*n] = x.String()
		}
	case *ast.CallNode:
		if id, ok := x.Callee.(*ast.IdentifierNode); ok && slices.Contains(functions, id.Value) {
			v.texts[*n] = x.String()
		}
	case *ast.MemberNode:
		if nature := x.Nature(); nature != nil && nature.IsBool() {
			v.texts[*n] = x.String()
		}
	}
}

func comparison(op string) bool {
	return slices.Contains([]string{"==", "!=", "<", ">", "<=", ">=", "in", "matches", "contains", "startsWith", "endsWith"}, op)
}

// plainFact reports a side that is cheap and safe to evaluate a second time.
func plainFact(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.IdentifierNode, *ast.PointerNode:
		return true
	case *ast.MemberNode:
		return plainFact(x.Node)
	case *ast.BuiltinNode:
		return x.Name == "len" && len(x.Arguments) == 1 && plainFact(x.Arguments[0])
	}
	return false
}

// Visit is the second pass: it puts the recording call around the node.
func (v *tracer) Visit(n *ast.Node) {
	source := *n
	if seq, ok := source.(*ast.SequenceNode); ok && len(seq.Nodes) == 2 { // a fact that needer has wrapped
		source = seq.Nodes[1]
	}
	text, ok := v.texts[source]
	if !ok {
		return
	}
	delete(v.texts, source)
	id := &ast.IntegerNode{Value: len(v.points)}
	v.points = append(v.points, point{text: text, loc: source.Location()})
	callee := &ast.IdentifierNode{Value: traceName}
	args := []ast.Node{id, *n}
	if b, ok := (*n).(*ast.BinaryNode); ok && v.simple[source] {
		args = append(args, b.Left)
	}
	id.SetLocation(source.Location())
	callee.SetLocation(source.Location())
	ast.Patch(n, &ast.CallNode{Callee: callee, Arguments: args})
}
