package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// nearestMiss says what one change would have turned the rule's opinion: for
// an allow rule that did not match, the condition that failed, or the two; for
// a rule that voted against, the condition without which it would not have. It
// is a hint for people and may be empty.
func (x *explainer) nearestMiss(r *rule, result string) string {
	switch {
	case r.Then == pipeline.Allow && result == ResultExcepted:
		return "would be allowed but for its unless: " + clipLong(r.unless.ast.root.String())
	case r.Then == pipeline.Allow && result == ResultNot:
		if failed := x.failed(r); len(failed) > 0 {
			return "would be allowed if " + x.said(failed, r.On, false)
		}
	case r.Then >= pipeline.Ask && result == ResultMatched:
		parts := conjuncts(r.when.ast.root)
		return fmt.Sprintf("would not %s without: %s", r.Then, x.said(parts[len(parts)-1:], r.On, true))
	}
	return ""
}

// mostFailed is how many conditions may fail for a rule to be near at all.
const mostFailed = 2

// failed are the conditions that keep the nearest alternative of the rule from
// being true, of those that are about this tool; none where more than two do.
func (x *explainer) failed(r *rule) []ast.Node {
	var nearest []ast.Node
	for _, alternative := range disjuncts(r.when.ast.root) {
		var failed []ast.Node
		for _, part := range conjuncts(alternative) {
			holds, err := x.holds(part, r.On)
			if err != nil || !holds && aboutName(part) {
				failed = make([]ast.Node, mostFailed+1)
				break
			}
			if !holds {
				failed = append(failed, part)
			}
		}
		if n := len(failed); n > 0 && n <= mostFailed && (nearest == nil || n < len(nearest)) {
			nearest = failed
		}
	}
	return nearest
}

// aboutName reports a condition on which tool, program, command or emoji it is:
// that another one is allowed is no hint.
func aboutName(n ast.Node) bool {
	if over, ok := n.(*ast.BuiltinNode); ok {
		text := over.String()
		return strings.Contains(text, "(tool.commands, ") && (strings.Contains(text, ".prog ==") || strings.Contains(text, ".prog in"))
	}
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return false
	}
	switch b.Left.String() {
	case "tool.name", "command.name", "reaction.meaning", "reaction.target", "show.what", "tool.mcp.server", "tool.mcp.tool":
		return b.Operator == "==" || b.Operator == "in"
	}
	return b.Left.String() == "len(tool.commands)" // it is no command line
}

// said is conditions as people read them, with the commands or paths that make
// them what they are.
func (x *explainer) said(parts []ast.Node, kind pipeline.Kind, holds bool) string {
	var out []string
	for _, part := range parts {
		text := clipLong(part.String())
		if who := x.culprits(part, kind, holds); len(who) > 0 {
			text += " (here: " + strings.Join(who, ", ") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, " and ")
}

// mostCulprits is how many commands or paths a hint names.
const mostCulprits = 3

// culprits are the commands or paths of a call for which alone a condition over
// all or any of them is as it is for the call.
func (x *explainer) culprits(part ast.Node, kind pipeline.Kind, holds bool) []string {
	over, ok := part.(*ast.BuiltinNode)
	if !ok || len(over.Arguments) == 0 {
		return nil
	}
	var out []string
	try := func(ev pipeline.Event, name string) {
		alone := &explainer{judgement: x.set.begin(&ev)}
		defer alone.end()
		if got, err := alone.holds(part, kind); err == nil && got == holds && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	switch over.Arguments[0].String() {
	case "tool.commands":
		for _, c := range x.ev.Tool.Commands {
			ev := *x.ev
			ev.Tool.Commands = []pipeline.Command{c}
			name := strconv.Quote(clip(cmp.Or(c.Text, strings.TrimSpace(c.Prog+" "+c.Sub))))
			if strings.Contains(part.String(), ".class") {
				name += ", which is " + string(c.Class)
			}
			try(ev, name)
		}
	case "tool.paths":
		for _, p := range x.ev.Tool.Paths {
			ev := *x.ev
			ev.Tool.Paths = []pipeline.Path{p}
			try(ev, strconv.Quote(clip(p.Named))+whatPath(p))
		}
	}
	if n := len(out) - mostCulprits; n > 0 {
		out = append(out[:mostCulprits], fmt.Sprintf("%d more", n))
	}
	return out
}

// whatPath says what is special about a path.
func whatPath(p pipeline.Path) string {
	var out []string
	if p.Secret {
		out = append(out, "a file of secrets")
	}
	if !p.Inside {
		out = append(out, "outside the tree")
	}
	if p.Write {
		out = append(out, "written")
	}
	if len(out) == 0 {
		return ""
	}
	return ", " + strings.Join(out, ", ")
}

// holds evaluates a part of an expression by itself.
func (x *explainer) holds(part ast.Node, kind pipeline.Kind) (bool, error) {
	a, ferr := analyse(part.String(), kind, &definitions{})
	if ferr != nil {
		return false, ferr
	}
	p := &program{expr: Expr{Text: part.String()}, kind: kind, ast: a}
	var err error
	if p.fast, err = x.set.build(p.expr.Text, kind); err != nil {
		return false, err
	}
	for _, path := range a.facts {
		i := slices.Index(x.set.paths, path)
		if x.reached != nil && x.reached.fact(i) != nil {
			return false, x.reached.fact(i)
		}
	}
	return x.eval(p)
}

func conjuncts(n ast.Node) []ast.Node { return flatten(n, "and", "&&") }

func disjuncts(n ast.Node) []ast.Node { return flatten(n, "or", "||") }

func flatten(n ast.Node, op, other string) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == op || b.Operator == other) {
		return append(flatten(b.Left, op, other), flatten(b.Right, op, other)...)
	}
	return []ast.Node{n}
}

func clipLong(s string) string { return paginate.Cut(s, 200) }
