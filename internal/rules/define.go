package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// definitions are the parsed entries of [define]; nodes are parsed again for
// each use, because compiling changes them.
type definitions struct {
	list  []Define
	index map[string]int
	used  map[string]bool
}

// node is a fresh tree of definition name, its offsets shifted, with the
// definitions it uses expanded. It must parse: Compile checked that before.
func (d *definitions) node(name string, seen []string) ast.Node {
	i := d.index[name]
	root, err := parseExpr(d.list[i].Expr.Text)
	if err != nil || slices.Contains(seen, name) || len(seen) > 20 {
		return &ast.NilNode{}
	}
	shift := &shifter{by: (i + 1) << defShift}
	ast.Walk(&root, shift)
	ast.Walk(&root, &expander{defs: d, seen: append(seen, name)})
	return root
}

type shifter struct{ by int }

func (s *shifter) Visit(n *ast.Node) {
	loc := (*n).Location()
	(*n).SetLocation(file.Location{From: loc.From + s.by, To: loc.To + s.by})
}

// expander replaces names of definitions by their trees. It is run over trees
// of expressions before they are checked.
type expander struct {
	defs  *definitions
	seen  []string
	names map[string]bool
	nodes int
}

// Visit replaces *n if it names a definition.
func (e *expander) Visit(n *ast.Node) {
	e.nodes++
	id, ok := (*n).(*ast.IdentifierNode)
	if !ok {
		return
	}
	if _, ok := e.defs.index[id.Value]; !ok || e.nodes > maxExpanded {
		return
	}
	if e.names != nil {
		e.names[id.Value] = true
	}
	if slices.Contains(e.seen, id.Value) {
		return // reported by checkDefines
	}
	*n = e.defs.node(id.Value, e.seen)
	e.nodes += countNodes(*n)
}

type counter int

func (c *counter) Visit(*ast.Node) { *c++ }

func countNodes(n ast.Node) int {
	var c counter
	ast.Walk(&n, &c)
	return int(c)
}

// cycle is a chain of definitions from name back to one of its members.
func (d *definitions) cycle(name string, path []string) []string {
	if i := slices.Index(path, name); i >= 0 {
		return append(slices.Clone(path[i:]), name)
	}
	i, ok := d.index[name]
	if !ok {
		return nil
	}
	root, err := parseExpr(d.list[i].Expr.Text)
	if err != nil {
		return nil
	}
	ids := &identifiers{}
	ast.Walk(&root, ids)
	for _, id := range ids.names {
		if found := d.cycle(id, append(path, name)); found != nil {
			return found
		}
	}
	return nil
}

type identifiers struct{ names []string }

func (v *identifiers) Visit(n *ast.Node) {
	if id, ok := (*n).(*ast.IdentifierNode); ok && !slices.Contains(v.names, id.Value) {
		v.names = append(v.names, id.Value)
	}
}
