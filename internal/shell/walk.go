package shell

import (
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"ctpipe/pipeline"
)

// scope is what holds at one place of a script.
type scope struct {
	dirs  []string       // directories it may be in; nil: not known
	stdin bool           // something is fed to its standard input
	out   bool           // its output goes to a file
	via   []string       // wrappers around the script it stands in
	env   []string       // names those wrappers assigned
	floor pipeline.Class // what a command in it is at least, if not read
	away  bool           // it runs on another machine or in a container: its paths are not ours
	from  int            // number of commands before this statement
	subst bool           // a redirect of the statement holds a substitution
}

// outcome is where the shell may be after a statement that succeeded or failed.
type outcome struct{ ok, fail []string }

func same(dirs []string) outcome   { return outcome{dirs, dirs} }
func (o outcome) either() []string { return union(o.ok, o.fail) }

// union joins two sets of directories; nil means not known, and stays so.
func union(x, y []string) []string {
	if x == nil || y == nil {
		return nil
	}
	out := x
	for _, d := range y {
		if !slices.Contains(out, d) {
			out = append(out[:len(out):len(out)], d)
		}
	}
	if len(out) > maxDirs {
		return nil
	}
	return out
}

// parser is used for one text after the other: a new one is 8 kB, half of what
// a short line costs.
type parser struct {
	*syntax.Parser
	text strings.Reader
}

var parsers = sync.Pool{New: func() any { return &parser{Parser: syntax.NewParser(syntax.Variant(syntax.LangBash))} }}

func parse(src string) (*syntax.File, error) {
	p := parsers.Get().(*parser)
	p.text.Reset(src)
	file, err := p.Parse(&p.text, "")
	p.text.Reset("")
	parsers.Put(p) // a panic keeps a broken one out of the pool
	return file, err
}

// script parses and walks a whole script. Scripts within scripts (bash -c) come
// here too, after the same checks.
func (a *analyzer) script(src string, sc scope) outcome {
	file, err := parse(src)
	if err != nil {
		a.giveUp("the command could not be parsed: " + err.Error())
		return same(sc.dirs)
	}
	outer := a.src
	a.src = src
	a.declared(src, file)
	o := a.stmts(file.Stmts, sc)
	a.src = outer
	return o
}

// declared notes every function of the script before it is walked: a call may
// stand before the declaration.
func (a *analyzer) declared(src string, file *syntax.File) {
	if !strings.Contains(src, "()") && !strings.Contains(src, "function") && !strings.Contains(src, "( ") && !strings.Contains(src, "(\t") {
		return
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if d, ok := n.(*syntax.FuncDecl); ok && d.Name != nil {
			if a.funcs == nil {
				a.funcs = map[string]bool{}
			}
			a.funcs[d.Name.Value] = true
		}
		return true
	})
}

func (a *analyzer) stmts(list []*syntax.Stmt, sc scope) outcome {
	o := same(sc.dirs)
	for _, s := range list {
		sc.dirs = o.either()
		o = a.stmt(s, sc)
	}
	return o
}

func (a *analyzer) stmt(s *syntax.Stmt, sc scope) outcome {
	if a.unknown != "" {
		return same(sc.dirs)
	}
	a.deeper()
	defer func() { a.depth-- }()
	in := sc.dirs
	sc.from = len(a.f.Commands)
	for _, r := range s.Redirs {
		sc.subst = sc.subst || substituted(r)
		wrote, fed := a.redirect(r, sc)
		sc.out, sc.stdin = sc.out || wrote, sc.stdin || fed
	}
	if s.Cmd == nil {
		return same(in)
	}
	o := a.command(s.Cmd, sc)
	if s.Negated {
		o = outcome{o.fail, o.ok}
	}
	if s.Background || s.Coprocess || s.Disown {
		return same(in)
	}
	return o
}

func (a *analyzer) command(c syntax.Command, sc scope) outcome {
	switch c := c.(type) {
	case *syntax.CallExpr:
		return a.call(c, sc)
	case *syntax.BinaryCmd:
		return a.binary(c, sc)
	case *syntax.Subshell:
		a.stmts(c.Stmts, sc)
	case *syntax.Block:
		return a.stmts(c.Stmts, sc)
	case *syntax.IfClause:
		return a.ifClause(c, sc)
	case *syntax.WhileClause:
		return a.loop(sc, c.Cond, c.Do)
	case *syntax.ForClause:
		return a.forClause(c, sc)
	case *syntax.CaseClause:
		return a.caseClause(c, sc)
	case *syntax.FuncDecl:
		inner := sc
		inner.dirs = nil // it runs where it is called, and a call is opaque
		if c.Body != nil {
			known := a.f.PathsKnown
			a.stmt(c.Body, inner)
			a.f.PathsKnown = known || a.f.PathsKnown
		}
	case *syntax.ArithmCmd:
		a.arith(c.X, sc)
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			a.arith(x, sc)
		}
		a.opaque("let evaluates its arguments")
	case *syntax.TestClause:
		a.test(c.X, sc)
	case *syntax.DeclClause:
		a.declare(c, sc)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			return a.stmt(c.Stmt, sc)
		}
	case *syntax.CoprocClause:
		if c.Name != nil && !compound(c.Stmt.Cmd) {
			a.giveUp("bash takes the name after coproc for a command")
		}
		a.stmt(c.Stmt, sc)
	default:
		a.opaque("the script uses a construct that is not analysed")
	}
	return same(sc.dirs)
}

// compound reports a command in braces, parentheses or between keywords.
func compound(c syntax.Command) bool {
	switch c.(type) {
	case *syntax.Block, *syntax.Subshell, *syntax.IfClause, *syntax.WhileClause, *syntax.ForClause, *syntax.CaseClause, *syntax.TestClause:
		return true
	}
	return false
}

func (a *analyzer) binary(c *syntax.BinaryCmd, sc scope) outcome {
	switch c.Op {
	case syntax.AndStmt:
		x := a.stmt(c.X, sc)
		sc.dirs = x.ok
		y := a.stmt(c.Y, sc)
		return outcome{y.ok, union(x.fail, y.fail)}
	case syntax.OrStmt:
		x := a.stmt(c.X, sc)
		sc.dirs = x.fail
		y := a.stmt(c.Y, sc)
		return outcome{union(x.ok, y.ok), y.fail}
	}
	a.pipe(c, sc)
	return same(sc.dirs)
}

func (a *analyzer) ifClause(c *syntax.IfClause, sc scope) outcome {
	cond := a.stmts(c.Cond, sc)
	then, rest := sc, sc
	then.dirs, rest.dirs = cond.ok, cond.fail
	if len(c.Cond) == 0 { // an else
		return a.stmts(c.Then, sc)
	}
	o := a.stmts(c.Then, then)
	if c.Else == nil {
		return same(union(o.either(), cond.fail))
	}
	return same(union(o.either(), a.ifClause(c.Else, rest).either()))
}

// loop walks a body once; one that changes directory leaves it unknown, since
// each turn starts where the last one ended.
func (a *analyzer) loop(sc scope, parts ...[]*syntax.Stmt) outcome {
	inner := sc
	for _, list := range parts {
		inner.dirs = a.stmts(list, inner).either()
	}
	if slices.Equal(inner.dirs, sc.dirs) {
		return same(sc.dirs)
	}
	a.opaque("a loop changes directory")
	a.f.PathsKnown = false
	return same(nil)
}

func (a *analyzer) forClause(c *syntax.ForClause, sc scope) outcome {
	switch l := c.Loop.(type) {
	case *syntax.WordIter:
		a.assigned(l.Name.Value)
		for _, f := range a.fields(l.Items, sc) {
			a.namePath(f, sc)
		}
	case *syntax.CStyleLoop:
		for _, x := range []syntax.ArithmExpr{l.Init, l.Cond, l.Post} {
			if x != nil {
				a.arith(x, sc)
			}
		}
	}
	return a.loop(sc, c.Do)
}

// namePath records a path that no single command names: the items of a loop.
func (a *analyzer) namePath(f field, sc scope) {
	if !f.dynamic && !f.number {
		a.path(Path{Named: f.text, Cmd: -1, Glob: f.glob}, sc)
	}
}

func (a *analyzer) caseClause(c *syntax.CaseClause, sc scope) outcome {
	a.visitParts(c.Word.Parts, sc)
	dirs := sc.dirs
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			a.visitParts(p.Parts, sc)
		}
		inner := sc
		inner.dirs = dirs // ;& and ;;& run on into the next item
		dirs = union(dirs, a.stmts(item.Stmts, inner).either())
	}
	return same(dirs)
}

// declare handles export, declare, local, readonly, typeset and nameref.
func (a *analyzer) declare(c *syntax.DeclClause, sc scope) {
	cmd := pipeline.Command{Prog: c.Variant.Value, Class: pipeline.ClassUnknown, Text: a.text(c)}
	for _, as := range c.Args {
		cmd.Args = append(cmd.Args, a.text(as))
		a.assign(as, sc)
		if as.Name != nil {
			a.assigned(as.Name.Value)
		}
		if as.Naked && as.Value != nil {
			f := a.static(as.Value)
			switch {
			case f.dynamic:
				a.opaque("the word " + f.text + " is only known when it runs")
			case strings.HasPrefix(f.text, "-") && strings.ContainsAny(f.text, "inf"):
				a.opaque(c.Variant.Value + " " + f.text + " changes how names are read")
			}
		}
	}
	a.emit(cmd, sc)
}
