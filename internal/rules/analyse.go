package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// maxNodes bounds one expression as written; maxExpanded with its definitions.
const (
	maxNodes    = 500
	maxExpanded = 2000
	maxExprLen  = 16 << 10
	maxNesting  = 2
)

// defShift separates the offsets of definitions: those of definition i begin
// at (i+1)<<defShift, so that an error in an expanded expression says by its
// offset alone in which text it stands.
const defShift = 20

// problem is a fault at an offset of an expression.
type problem struct {
	id, text, suggest string
	level             diag.Level
	loc               file.Location
}

// analysis is what the syntax of an expanded expression says.
type analysis struct {
	root     ast.Node
	facts    []string // maximal fact paths it reads, in order of appearance, once each
	problems []problem
	uses     map[string]bool // definitions it names, directly or not
}

// parseExpr parses one text with the functions that rules may use.
func parseExpr(text string) (ast.Node, *file.Error) {
	if len(text) > maxExprLen {
		return nil, &file.Error{Message: fmt.Sprintf("the expression has %d bytes; at most %d are read", len(text), maxExprLen)}
	}
	cfg := conf.CreateNew()
	cfg.MaxNodes = maxNodes
	for name := range cfg.Builtins {
		if !slices.Contains(builtins, name) {
			cfg.Disabled[name] = true
		}
	}
	for name := range cfg.Disabled {
		delete(cfg.Builtins, name)
	}
	tree, err := parser.ParseWithConfig(text, cfg)
	if err != nil {
		return nil, asFileError(err)
	}
	return tree.Node, nil
}

// analyse expands and inspects an expression of a kind. Type errors are not
// its business; the compiler finds them.
func analyse(text string, kind pipeline.Kind, defs *definitions) (*analysis, *file.Error) {
	root, err := parseExpr(text)
	if err != nil {
		return nil, err
	}
	a := &analysis{uses: map[string]bool{}}
	ex := &expander{defs: defs, names: a.uses}
	ast.Walk(&root, ex)
	a.root = root
	if ex.nodes > maxExpanded {
		a.add("too-large", diag.Error, root.Location(), "", "with its definitions the expression has more than %d nodes; split the rule", maxExpanded)
		return a, nil
	}
	in := &inspector{a: a, roots: fieldsOf(reflect.TypeOf(environments[kind])), kind: kind, defs: defs}
	in.walk(root, 0)
	return a, nil
}

func (a *analysis) add(id string, level diag.Level, loc file.Location, suggest, format string, args ...any) {
	a.problems = append(a.problems, problem{id: id, text: fmt.Sprintf(format, args...), suggest: suggest, level: level, loc: loc})
}

func (a *analysis) reads(path string) {
	if !slices.Contains(a.facts, path) {
		a.facts = append(a.facts, path)
	}
}

// factPath is the path of a member chain that begins at a name of the
// environment: tool.commands. ok is false for anything else. The path ends
// where the chain is no longer a plain field.
func factPath(n ast.Node) (path string, ok bool) {
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return x.Value, !strings.HasPrefix(x.Value, "__") && !slices.Contains(functions, x.Value)
	case *ast.ChainNode:
		return factPath(x.Node)
	case *ast.MemberNode:
		prop, isName := x.Property.(*ast.StringNode)
		if !isName || x.Method {
			return "", false
		}
		base, ok := factPath(x.Node)
		return base + "." + prop.Value, ok
	}
	return "", false
}

// inspector walks an expanded tree once: which facts it reads, and what no
// rule may contain.
type inspector struct {
	a     *analysis
	roots []string
	kind  pipeline.Kind
	defs  *definitions
}

func (in *inspector) walk(n ast.Node, nesting int) {
	if n == nil {
		return
	}
	if path, ok := factPath(n); ok {
		in.name(n, path)
		return
	}
	switch x := n.(type) {
	case *ast.BuiltinNode:
		in.builtin(x, nesting)
		return
	case *ast.CallNode:
		in.call(x, nesting)
		return
	case *ast.VariableDeclaratorNode:
		in.a.add("no-let", diag.Error, x.Location(), "", "rules have no let; name a part of an expression in [define]")
	case *ast.SequenceNode:
		in.a.add("no-let", diag.Error, x.Location(), "", "an expression is one condition; ; has no place in it")
	}
	for _, kid := range children(n) {
		in.walk(kid, nesting)
	}
}

// name checks the root of a fact path and notes the path.
func (in *inspector) name(n ast.Node, path string) {
	root, _, _ := strings.Cut(path, ".")
	for {
		if m, ok := n.(*ast.MemberNode); ok {
			n = m.Node
		} else if c, ok := n.(*ast.ChainNode); ok {
			n = c.Node
		} else {
			break
		}
	}
	if slices.Contains(in.roots, root) {
		in.a.reads(path)
		return
	}
	text, suggest := in.unknownName(root)
	in.a.add("unknown-name", diag.Error, n.Location(), suggest, "%s", text)
}

func (in *inspector) unknownName(name string) (text, suggest string) {
	switch {
	case name == "user" && in.kind == pipeline.KindTool:
		return "a tool rule does not know user: several people may have asked for a call; use tool.requesters, as in all(tool.requesters, .allowed)", ""
	case name == "user":
		return fmt.Sprintf("a %s rule does not know user: nobody in particular did it", in.kind), ""
	case name == "$env":
		return "$env is not available; name the fact", ""
	case slices.Contains(builtins, name) || slices.Contains(functions, name):
		return fmt.Sprintf("%s is a function; call it with ( )", name), ""
	}
	for _, k := range pipeline.Kinds {
		if k != in.kind && slices.Contains(fieldsOf(reflect.TypeOf(environments[k])), name) {
			return fmt.Sprintf("a %s rule does not know %s; it knows %s", in.kind, name, strings.Join(in.roots, ", ")), ""
		}
	}
	for _, d := range in.defs.list {
		if d.Name == name {
			return fmt.Sprintf("the definition %q has an error of its own", name), ""
		}
	}
	candidates := append(append([]string{}, in.roots...), functions...)
	for _, d := range in.defs.list {
		candidates = append(candidates, d.Name)
	}
	return fmt.Sprintf("unknown name %q", clip(name)), diag.Suggest(name, candidates)
}

func (in *inspector) builtin(x *ast.BuiltinNode, nesting int) {
	if !slices.Contains(builtins, x.Name) {
		in.a.add("unknown-function", diag.Error, x.Location(), diag.Suggest(x.Name, append(functions, builtins...)), "unknown function %s", x.Name)
		return
	}
	for _, arg := range x.Arguments {
		p, ok := arg.(*ast.PredicateNode)
		if !ok {
			in.walk(arg, nesting)
			continue
		}
		if nesting+1 > maxNesting {
			in.a.add("deep-nesting", diag.Error, x.Location(), "", "%s is nested %d deep; more than %d can take seconds on a long list", x.Name, nesting+1, maxNesting)
		}
		in.walk(p.Node, nesting+1)
	}
}

func (in *inspector) call(x *ast.CallNode, nesting int) {
	for _, arg := range x.Arguments {
		in.walk(arg, nesting)
	}
	id, ok := x.Callee.(*ast.IdentifierNode)
	switch {
	case !ok:
		in.a.add("unknown-function", diag.Error, x.Location(), "", "only functions can be called")
	case !slices.Contains(functions, id.Value):
		in.a.add("unknown-function", diag.Error, id.Location(), diag.Suggest(id.Value, append(functions, builtins...)), "unknown function %s", clip(id.Value))
	default:
		in.constantArguments(id.Value, x)
	}
}

// constantArguments checks patterns, windows and zones that stand in the file.
func (in *inspector) constantArguments(name string, x *ast.CallNode) {
	text := func(i int) (*ast.StringNode, bool) {
		if i >= len(x.Arguments) {
			return nil, false
		}
		s, ok := x.Arguments[i].(*ast.StringNode)
		return s, ok
	}
	check := func(s *ast.StringNode, err error) {
		if err != nil {
			in.a.add("bad-argument", diag.Error, s.Location(), "", "%v", err)
		}
	}
	if s, ok := text(0); ok && name == "glob" {
		_, err := compileGlob(s.Value)
		check(s, err)
	}
	if name != "within" {
		return
	}
	if s, ok := text(1); ok {
		_, err := windows(s.Value)
		check(s, err)
	}
	if s, ok := text(2); ok {
		_, err := loadZone(s.Value)
		check(s, err)
	}
}

// children are the direct parts of a node.
func children(n ast.Node) []ast.Node {
	switch x := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{x.Node}
	case *ast.BinaryNode:
		return []ast.Node{x.Left, x.Right}
	case *ast.ChainNode:
		return []ast.Node{x.Node}
	case *ast.MemberNode:
		return []ast.Node{x.Node, x.Property}
	case *ast.SliceNode:
		return []ast.Node{x.Node, x.From, x.To}
	case *ast.CallNode:
		return x.Arguments
	case *ast.BuiltinNode:
		return x.Arguments
	case *ast.PredicateNode:
		return []ast.Node{x.Node}
	case *ast.ConditionalNode:
		return []ast.Node{x.Cond, x.Exp1, x.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{x.Value, x.Expr}
	case *ast.SequenceNode:
		return x.Nodes
	case *ast.ArrayNode:
		return x.Nodes
	case *ast.MapNode:
		return x.Pairs
	case *ast.PairNode:
		return []ast.Node{x.Key, x.Value}
	}
	return nil
}
