package rules

import (
	"github.com/expr-lang/expr/ast"
)

// What an expression requires of an event: at least one of some atoms must
// hold, or the expression is false. The claim is exact: if no atom holds and
// no fact that it reads is unknown, evaluating it gives false and no error.

// atom is one fact that an event has or has not: a value under an index key.
type atom struct{ key, value string }

// indexKeys in rising order of how few events have a given value; a rule is
// filed under the rarest that it requires.
var keyRank = map[string]int{
	"session.state": 1, "session.mode": 1, "thread.platform": 1, "session.trigger": 1,
	"show.what": 2, "reaction.target": 2, "reaction.meaning": 3, "reaction.emoji": 3, "tool.name": 3, "show.tool": 3,
	"thread.channel": 3, "thread.channel_name": 3, "user.name": 4, "user.id": 4,
	"tool.commands.class": 2, "tool.mcp.server": 5, "tool.mcp.tool": 6, "command.name": 6,
	"tool.commands.prog": 6, "tool.commands.sub": 7, "tool.commands.git.class": 7, "tool.commands.kube.verb": 7,
	"tool.commands.kube.resource": 7, "tool.commands.tf.verb": 7, "tool.commands.sql.class": 7, "tool.commands.pkg.manager": 7,
	"tool.paths.base": 7, "tool.hosts": 7,
}

// requirement is a set of atoms of which one must hold; ok false means that
// nothing is required.
type requirement struct {
	atoms []atom
	ok    bool
}

// rank is the rank of the commonest key among the atoms: the set is only as
// selective as that.
func (r requirement) rank() int {
	low := 100
	for _, a := range r.atoms {
		low = min(low, keyRank[a.key])
	}
	return low
}

func (r requirement) betterThan(o requirement) bool {
	switch {
	case !r.ok || !o.ok:
		return r.ok
	case r.rank() != o.rank():
		return r.rank() > o.rank()
	}
	return len(r.atoms) < len(o.atoms)
}

// require computes what n requires. list is the path of the list whose
// elements # stands for, "" outside predicates.
func require(n ast.Node, list string) requirement {
	switch x := n.(type) {
	case *ast.BoolNode:
		return requirement{ok: !x.Value} // false: no atom can make it true
	case *ast.BinaryNode:
		return requireBinary(x, list)
	case *ast.BuiltinNode:
		return requireBuiltin(x, list)
	}
	return requirement{}
}

func requireBinary(x *ast.BinaryNode, list string) requirement {
	switch x.Operator {
	case "and", "&&":
		left := require(x.Left, list)
		if right := require(x.Right, list); right.ok && total(x.Left, list) && right.betterThan(left) {
			return right // only if the left side cannot fail first
		}
		return left
	case "or", "||":
		left, right := require(x.Left, list), require(x.Right, list)
		if !left.ok || !right.ok {
			return requirement{}
		}
		return requirement{atoms: append(append([]atom{}, left.atoms...), right.atoms...), ok: true}
	case "==":
		if r := requireEqual(x.Left, x.Right, list); r.ok {
			return r
		}
		return requireEqual(x.Right, x.Left, list)
	case "in":
		return requireIn(x.Left, x.Right, list)
	}
	return requirement{}
}

func requireEqual(fact, value ast.Node, list string) requirement {
	s, isText := value.(*ast.StringNode)
	key, isFact := indexKey(fact, list)
	if !isText || !isFact || s.Value == "" {
		return requirement{} // "" is what an absent fact has
	}
	return requirement{atoms: []atom{{key, s.Value}}, ok: true}
}

func requireIn(fact, values ast.Node, list string) requirement {
	key, isFact := indexKey(fact, list)
	array, isArray := values.(*ast.ArrayNode)
	if !isFact || !isArray || len(array.Nodes) == 0 {
		return requirement{}
	}
	r := requirement{ok: true}
	for _, v := range array.Nodes {
		s, ok := v.(*ast.StringNode)
		if !ok || s.Value == "" {
			return requirement{}
		}
		r.atoms = append(r.atoms, atom{key, s.Value})
	}
	return r
}

// requireBuiltin: any and one need an element for which the predicate holds.
func requireBuiltin(x *ast.BuiltinNode, list string) requirement {
	if x.Name != "any" && x.Name != "one" || len(x.Arguments) != 2 {
		return requirement{}
	}
	path, ok := factPath(x.Arguments[0])
	p, isPredicate := x.Arguments[1].(*ast.PredicateNode)
	if !ok || !isPredicate || !totalPath(path) || list != "" {
		return requirement{}
	}
	return require(p.Node, path)
}

// indexKey is the key of a fact that events are indexed by.
func indexKey(n ast.Node, list string) (string, bool) {
	path, ok := factPath(n)
	if !ok {
		if path, ok = elementPath(n, list); !ok {
			return "", false
		}
	}
	_, known := keyRank[path]
	return path, known
}

// elementPath is the path of a field of #: tool.commands.prog for .prog.
func elementPath(n ast.Node, list string) (string, bool) {
	switch x := n.(type) {
	case *ast.PointerNode:
		return list, list != "" && x.Name == ""
	case *ast.MemberNode:
		prop, isName := x.Property.(*ast.StringNode)
		base, ok := elementPath(x.Node, list)
		if !isName || !ok || x.Method {
			return "", false
		}
		return base + "." + prop.Value, true
	}
	return "", false
}

// total reports whether n can be evaluated on any event without an error,
// unknown facts aside. It knows only what it lists.
func total(n ast.Node, list string) bool {
	if path, ok := factPath(n); ok {
		return totalPath(path)
	}
	if path, ok := elementPath(n, list); ok {
		return totalPath(path)
	}
	switch x := n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	case *ast.UnaryNode:
		return (x.Operator == "not" || x.Operator == "!") && total(x.Node, list)
	case *ast.BinaryNode:
		if array, ok := x.Right.(*ast.ArrayNode); ok {
			return x.Operator == "in" && constantArray(array) && total(x.Left, list)
		}
		return totalOperator(x) && total(x.Left, list) && total(x.Right, list)
	case *ast.BuiltinNode:
		return totalBuiltin(x, list)
	case *ast.CallNode:
		return totalGlob(x, list)
	}
	return false
}

// constantArray reports a list that the compiler makes a constant of; others
// cost memory at each evaluation, which has a budget that can run out.
func constantArray(x *ast.ArrayNode) bool {
	for _, e := range x.Nodes {
		if _, ok := e.(*ast.StringNode); !ok {
			return false
		}
	}
	return len(x.Nodes) > 0
}

// totalPath refuses what escapes typing: keys of an untyped table.
func totalPath(path string) bool { return !covers("tool.input", path) }

func totalOperator(x *ast.BinaryNode) bool {
	switch x.Operator {
	case "and", "&&", "or", "||", "==", "!=", "<", ">", "<=", ">=", "contains", "startsWith", "endsWith", "in":
		return true
	case "matches":
		_, constant := x.Right.(*ast.StringNode)
		return constant
	}
	return false
}

func totalBuiltin(x *ast.BuiltinNode, list string) bool {
	switch x.Name {
	case "len":
		return len(x.Arguments) == 1 && total(x.Arguments[0], list)
	case "any", "all", "none", "one":
		path, ok := factPath(x.Arguments[0])
		if !ok {
			path, ok = elementPath(x.Arguments[0], list)
		}
		p, isPredicate := x.Arguments[1].(*ast.PredicateNode)
		return ok && isPredicate && totalPath(path) && total(p.Node, path)
	}
	return false
}

func totalGlob(x *ast.CallNode, list string) bool {
	id, ok := x.Callee.(*ast.IdentifierNode)
	if !ok || id.Value != "glob" || len(x.Arguments) != 2 {
		return false
	}
	_, constant := x.Arguments[0].(*ast.StringNode)
	return constant && total(x.Arguments[1], list)
}
