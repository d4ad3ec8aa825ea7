package rules

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"

	"ctpipe/pipeline"
)

// nearestMiss says what one change would have turned the rule's opinion: for
// an allow rule that did not match, the only condition that failed; for a rule
// that voted against, a condition without which it would not have. It is a
// hint for people and may be empty.
func (x *explainer) nearestMiss(r *rule, result string) string {
	switch {
	case r.Then == pipeline.Allow && result == ResultExcepted:
		return "would be allowed but for its unless: " + clipLong(r.unless.ast.root.String())
	case r.Then == pipeline.Allow && result == ResultNot:
		if text := x.onlyFailed(r); text != "" {
			return "would be allowed if " + clipLong(text)
		}
	case r.Then >= pipeline.Ask && result == ResultMatched:
		parts := conjuncts(r.when.ast.root)
		return fmt.Sprintf("would not %s without: %s", r.Then, clipLong(parts[len(parts)-1].String()))
	}
	return ""
}

// onlyFailed is the one conjunct that keeps some alternative of the rule from
// being true.
func (x *explainer) onlyFailed(r *rule) string {
	for _, alternative := range disjuncts(r.when.ast.root) {
		failed, count := "", 0
		for _, part := range conjuncts(alternative) {
			holds, err := x.holds(part, r.On)
			if err != nil {
				count = 2
				break
			}
			if !holds {
				failed = part.String()
				count++
			}
		}
		if count == 1 {
			return failed
		}
	}
	return ""
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

func clipLong(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
