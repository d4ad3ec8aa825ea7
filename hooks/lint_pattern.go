package hooks

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// searches are the functions that take a pattern, as their second argument.
var searches = map[string]bool{"find": true, "match": true, "gmatch": true, "gsub": true}

// pattern checks a pattern that is written where it is used: what the call would
// say each time, the check says once. A method find of a table of the script's
// own is taken for a string's, but on self, which is never a string.
func (l *lint) pattern(r *rewriter, e *ast.FuncCallExpr) {
	name, args, ok := searchCall(r, e)
	if !ok || len(args) < 2 {
		return
	}
	pat, ok := args[1].(*ast.StringExpr)
	if !ok || name == "find" && (plainText(pat.Value) || maybePlain(args)) {
		return
	}
	if _, err := translate(pat.Value); err != nil {
		l.addOnce("lua-pattern", pat.Line(), l.spelled(pat, name), err.Error())
	}
}

// searchCall gives the function and the arguments of string.find(s, p) and
// s:find(p), in the order of the former.
func searchCall(r *rewriter, e *ast.FuncCallExpr) (name string, args []ast.Expr, ok bool) {
	if e.Receiver != nil {
		self, ident := e.Receiver.(*ast.IdentExpr)
		return e.Method, slices.Concat([]ast.Expr{e.Receiver}, e.Args), searches[e.Method] && !(ident && self.Value == "self")
	}
	fn, ok := e.Func.(*ast.AttrGetExpr)
	if !ok {
		return "", nil, false
	}
	lib, ok := fn.Object.(*ast.IdentExpr)
	key, constant := fn.Key.(*ast.StringExpr)
	if !ok || !constant || lib.Value != "string" || r.local("string") {
		return "", nil, false
	}
	return key.Value, e.Args, searches[key.Value]
}

// maybePlain reports whether the fourth argument of find is, or may be, true.
func maybePlain(args []ast.Expr) bool {
	if len(args) < 4 {
		return len(args) == 3 && several(args[2])
	}
	switch args[3].(type) {
	case *ast.NilExpr, *ast.FalseExpr:
		return false
	}
	return true
}

// several reports whether e, as the last argument, may stand for more than one.
func several(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		return !e.AdjustRet
	case *ast.Comma3Expr:
		return !e.AdjustRet
	}
	return false
}

// spelled is the pattern as its line has it, or else the function's name.
func (l *lint) spelled(pat *ast.StringExpr, name string) string {
	if n := pat.Line(); n >= 1 && n <= len(l.lines) {
		for _, q := range [][2]string{{`"`, `"`}, {`'`, `'`}, {`[[`, `]]`}} {
			if as := q[0] + pat.Value + q[1]; strings.Contains(l.lines[n-1], as) {
				return as
			}
		}
	}
	return name
}

// addOnce leaves out what it has said of the same place.
func (l *lint) addOnce(id string, line int, near, text string) {
	l.add(id, line, near, text, "")
	last := len(l.findings) - 1
	if slices.Contains(l.findings[:last], l.findings[last]) {
		l.findings = l.findings[:last]
	}
}
