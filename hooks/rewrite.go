package hooks

import "github.com/yuin/gopher-lua/ast"

// The names of the calls that a rewritten chunk makes. No source text can spell
// them, so a script can neither call nor shadow them.
const (
	callConcat  = "\x00concat"  // a .. b .. c
	callTable   = "\x00table"   // { … }
	callClosure = "\x00closure" // function … end, as a value
	callCharge  = "\x00charge"  // after a statement that made a closure
	callKey     = "\x00key"     // t[k] = v
)

// maxConcat operands go into one call; the VM has few registers per function.
const maxConcat = 40

// rewriter replaces what allocates without a limit (.. and table constructors,
// closures, assignments to computed keys) by calls that charge the byte budget,
// and on its way finds names that do not exist.
type rewriter struct {
	lint   *lint
	scopes []map[string]origin
	loops  int // loops and functions around the current place
}

// origin says how a local name came to be.
type origin uint8

const (
	undeclared origin = iota
	variable
	parameter
)

func (r *rewriter) push()               { r.scopes = append(r.scopes, map[string]origin{}) }
func (r *rewriter) pop()                { r.scopes = r.scopes[:len(r.scopes)-1] }
func (r *rewriter) declare(name string) { r.scopes[len(r.scopes)-1][name] = variable }

func (r *rewriter) origin(name string) origin {
	for i := len(r.scopes) - 1; i >= 0; i-- {
		if o := r.scopes[i][name]; o != undeclared {
			return o
		}
	}
	return undeclared
}

func (r *rewriter) local(name string) bool { return r.origin(name) != undeclared }

func (r *rewriter) chunk(stmts []ast.Stmt) []ast.Stmt {
	r.push()
	defer r.pop()
	return r.stmts(stmts)
}

// callTo makes name(args...) at the place of from.
func callTo(from ast.PositionHolder, name string, args ...ast.Expr) *ast.FuncCallExpr {
	fn := &ast.IdentExpr{Value: name}
	out := &ast.FuncCallExpr{Func: fn, Args: args}
	for _, n := range []ast.PositionHolder{fn, out} {
		n.SetLine(from.Line())
		n.SetLastLine(max(from.LastLine(), from.Line()))
	}
	return out
}

func (r *rewriter) stmts(list []ast.Stmt) []ast.Stmt {
	out := make([]ast.Stmt, 0, len(list))
	for _, s := range list {
		closure := r.stmt(s)
		out = append(out, s)
		if closure && r.loops > 0 {
			charge := &ast.FuncCallStmt{Expr: callTo(s, callCharge)}
			charge.SetLine(s.Line())
			charge.SetLastLine(max(s.LastLine(), s.Line()))
			out = append(out, charge)
		}
	}
	return out
}

func (r *rewriter) block(list []ast.Stmt) []ast.Stmt {
	r.push()
	defer r.pop()
	return r.stmts(list)
}

// stmt rewrites one statement in place. It reports whether the statement makes
// a closure that could not be wrapped where it stands.
func (r *rewriter) stmt(s ast.Stmt) (closure bool) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.assign(s)
	case *ast.LocalAssignStmt:
		return r.localAssign(s)
	case *ast.FuncCallStmt:
		s.Expr = r.expr(s.Expr)
	case *ast.DoBlockStmt:
		s.Stmts = r.block(s.Stmts)
	case *ast.IfStmt:
		s.Condition = r.expr(s.Condition)
		s.Then, s.Else = r.block(s.Then), r.block(s.Else)
	case *ast.FuncDefStmt:
		r.funcDef(s)
		return true
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	case *ast.WhileStmt, *ast.RepeatStmt, *ast.NumberForStmt, *ast.GenericForStmt:
		r.loop(s)
	}
	return false
}

func (r *rewriter) loop(s ast.Stmt) {
	r.loops++
	defer func() { r.loops-- }()
	r.push()
	defer r.pop()
	switch s := s.(type) {
	case *ast.WhileStmt:
		s.Condition = r.expr(s.Condition)
		s.Stmts = r.stmts(s.Stmts)
	case *ast.RepeatStmt: // its condition sees the body's locals
		s.Stmts = r.stmts(s.Stmts)
		s.Condition = r.expr(s.Condition)
	case *ast.NumberForStmt:
		s.Init, s.Limit = r.expr(s.Init), r.expr(s.Limit)
		if s.Step != nil {
			s.Step = r.expr(s.Step)
		}
		r.declare(s.Name)
		s.Stmts = r.stmts(s.Stmts)
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		for _, name := range s.Names {
			r.declare(name)
		}
		s.Stmts = r.stmts(s.Stmts)
	}
}

func (r *rewriter) localAssign(s *ast.LocalAssignStmt) (closure bool) {
	if len(s.Names) == 1 && len(s.Exprs) == 1 {
		if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok { // it sees its own name
			r.declare(s.Names[0])
			r.function(fn, false)
			return true
		}
	}
	r.exprs(s.Exprs)
	for _, name := range s.Names {
		r.declare(name)
	}
	return false
}

func (r *rewriter) funcDef(s *ast.FuncDefStmt) {
	if s.Name.Func != nil {
		s.Name.Func = r.target(s.Name.Func)
	}
	if s.Name.Receiver != nil {
		s.Name.Receiver = r.expr(s.Name.Receiver)
	}
	r.function(s.Func, s.Name.Method != "")
}

func (r *rewriter) assign(s *ast.AssignStmt) {
	for i, lhs := range s.Lhs {
		s.Lhs[i] = r.target(lhs)
	}
	r.exprs(s.Rhs)
}

// target rewrites what stands left of an assignment.
func (r *rewriter) target(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if !r.local(e.Value) {
			r.lint.globalWrite(e.Line(), e.Value)
		}
		return e
	case *ast.AttrGetExpr:
		r.lint.attr(r, e)
		e.Object = r.expr(e.Object)
		if _, constant := e.Key.(*ast.StringExpr); constant {
			return e
		}
		key := r.expr(e.Key)
		if plain(e.Object) {
			e.Key = callTo(e, callKey, key, e.Object)
		} else { // evaluating it twice could have effects
			e.Key = callTo(e, callKey, key)
		}
		return e
	}
	return r.expr(e)
}

// plain reports whether evaluating e twice is as good as once.
func plain(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.IdentExpr, ast.ConstExpr:
		return true
	case *ast.AttrGetExpr:
		return plain(e.Object) && plain(e.Key)
	}
	return false
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i, e := range list {
		list[i] = r.expr(e)
	}
}

func (r *rewriter) expr(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if !r.local(e.Value) {
			r.lint.globalRead(e.Line(), e.Value)
		}
	case *ast.AttrGetExpr:
		r.lint.attr(r, e)
		e.Object, e.Key = r.expr(e.Object), r.expr(e.Key)
	case *ast.TableExpr:
		return r.table(e)
	case *ast.FuncCallExpr:
		r.call(e)
	case *ast.LogicalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.RelationalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.StringConcatOpExpr:
		return r.concat(e)
	case *ast.FunctionExpr:
		r.function(e, false)
		if r.loops > 0 {
			return callTo(e, callClosure, e)
		}
	}
	return e
}

func (r *rewriter) call(e *ast.FuncCallExpr) {
	r.lint.require(r, e)
	r.lint.pattern(r, e)
	if e.Func != nil {
		e.Func = r.expr(e.Func)
	}
	if e.Receiver != nil {
		e.Receiver = r.expr(e.Receiver)
	}
	r.exprs(e.Args)
}

func (r *rewriter) table(e *ast.TableExpr) ast.Expr {
	for _, f := range e.Fields {
		if f.Key != nil {
			f.Key = r.expr(f.Key)
		}
		f.Value = r.expr(f.Value)
	}
	if r.loops == 0 {
		return e
	}
	return callTo(e, callTable, e)
}

// concat turns a .. b .. c, which associates to the right, into one call.
func (r *rewriter) concat(e *ast.StringConcatOpExpr) ast.Expr {
	var operands []ast.Expr
	for {
		operands = append(operands, single(r.expr(e.Lhs)))
		next, ok := e.Rhs.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		e = next
	}
	operands = append(operands, single(r.expr(e.Rhs)))
	for len(operands) > maxConcat {
		tail := callTo(e, callConcat, operands[len(operands)-maxConcat:]...)
		operands = append(operands[:len(operands)-maxConcat:len(operands)-maxConcat], single(tail))
	}
	return callTo(e, callConcat, operands...)
}

// single cuts an expression that may give several values to its first.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

func (r *rewriter) function(fn *ast.FunctionExpr, method bool) {
	r.loops++
	defer func() { r.loops-- }()
	r.push()
	defer r.pop()
	if method {
		r.declare("self")
	}
	for _, name := range fn.ParList.Names {
		r.scopes[len(r.scopes)-1][name] = parameter
	}
	if fn.ParList.HasVargs {
		r.declare("arg") // the VM makes it, as Lua 5.0 did
	}
	fn.Stmts = r.stmts(fn.Stmts)
}
