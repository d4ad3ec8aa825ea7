package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// visitParts walks everything that a word's expansion would run.
func (a *analyzer) visitParts(parts []syntax.WordPart, sc scope) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.DblQuoted:
			a.visitParts(p.Parts, sc)
		case *syntax.CmdSubst:
			a.substitution(p.Stmts, sc, false)
		case *syntax.ProcSubst:
			a.substitution(p.Stmts, sc, p.Op == syntax.CmdOut)
		case *syntax.ParamExp:
			a.param(p, sc)
		case *syntax.ArithmExp:
			a.arith(p.X, sc)
		case *syntax.BraceExp:
			for _, w := range p.Elems {
				a.visitParts(w.Parts, sc)
			}
		}
	}
}

// substitution walks $(…), backquotes and <(…): subshells of their own, whose
// output does not go where the outer command's goes.
func (a *analyzer) substitution(list []*syntax.Stmt, sc scope, stdin bool) {
	sc.out, sc.stdin = false, stdin
	if !a.deeper() {
		return
	}
	a.stmts(list, sc)
	a.depth--
}

// param looks for expansions that run something by themselves.
func (a *analyzer) param(p *syntax.ParamExp, sc scope) {
	if p.Excl {
		a.opaque("${!…} reads a name that is only known when it runs")
	}
	if p.Index != nil {
		a.index(p.Index, sc)
	}
	if p.Slice != nil {
		for _, x := range []syntax.ArithmExpr{p.Slice.Offset, p.Slice.Length} {
			if x != nil {
				a.arith(x, sc)
			}
		}
	}
	if p.Repl != nil {
		for _, w := range []*syntax.Word{p.Repl.Orig, p.Repl.With} {
			if w != nil {
				a.visitParts(w.Parts, sc)
			}
		}
	}
	if p.Exp == nil {
		return
	}
	switch p.Exp.Op {
	case syntax.OtherParamOps:
		a.opaque("${…@…} can run what a variable holds")
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if p.Param != nil {
			a.assigned(p.Param.Value)
		}
	}
	if p.Exp.Word != nil {
		a.visitParts(p.Exp.Word.Parts, sc)
	}
}

// index walks an array subscript; @ and * and numbers are harmless.
func (a *analyzer) index(x syntax.ArithmExpr, sc scope) {
	if w, ok := x.(*syntax.Word); ok {
		switch w.Lit() {
		case "@", "*":
			return
		}
	}
	a.arith(x, sc)
}

// arith walks an arithmetic expression. Bash evaluates the *value* of a name
// as an expression again, and a subscript there can run a command, so anything
// but numbers is opaque.
func (a *analyzer) arith(x syntax.ArithmExpr, sc scope) {
	if !a.deeper() {
		return
	}
	defer func() { a.depth-- }()
	switch x := x.(type) {
	case *syntax.BinaryArithm:
		a.arith(x.X, sc)
		a.arith(x.Y, sc)
	case *syntax.UnaryArithm:
		a.arith(x.X, sc)
	case *syntax.ParenArithm:
		a.arith(x.X, sc)
	case *syntax.Word:
		a.visitParts(x.Parts, sc)
		if !allDigits(x.Lit()) {
			a.opaque("arithmetic on " + a.text(x) + " can run what a variable holds")
		}
	default:
		a.opaque("an arithmetic expression is not analysed")
	}
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// test walks [[ … ]].
func (a *analyzer) test(x syntax.TestExpr, sc scope) {
	if !a.deeper() {
		return
	}
	defer func() { a.depth-- }()
	switch x := x.(type) {
	case *syntax.BinaryTest:
		switch x.Op {
		case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
			a.number(x.X)
			a.number(x.Y)
		}
		a.test(x.X, sc)
		a.test(x.Y, sc)
	case *syntax.UnaryTest:
		switch x.Op {
		case syntax.TsVarSet, syntax.TsRefVar:
			a.opaque("[[ -v … ]] evaluates a subscript")
		}
		a.test(x.X, sc)
	case *syntax.ParenTest:
		a.test(x.X, sc)
	case *syntax.Word:
		a.visitParts(x.Parts, sc)
	}
}

func (a *analyzer) number(x syntax.TestExpr) {
	w, ok := x.(*syntax.Word)
	if !ok {
		return
	}
	if f := a.static(w); !f.number && (f.dynamic || !allDigits(strings.TrimPrefix(f.text, "-"))) {
		a.opaque("[[ … ]] evaluates " + f.text + " as an expression")
	}
}
