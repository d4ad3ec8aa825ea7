package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Options tells Compile what it cannot know from the file alone.
type Options struct {
	// Stages are the built-in stages, for [pipeline] and [stage.X]; nil
	// leaves those unchecked.
	Stages []Stage
}

// Stage is what the lints of [pipeline] know of a stage.
type Stage struct {
	Name string
	Role pipeline.Role
	On   []pipeline.Kind
	// Options is the zero value of the struct that [stage.NAME] fills, by its
	// toml tags; nil: the stage has none.
	Options any
}

// Set is a compiled rule set. It is immutable and safe for concurrent use.
type Set struct {
	file       *File
	kinds      map[pipeline.Kind]*kindRules
	paths      []string // interned fact paths; programs name them by index
	defs       *definitions
	judgements sync.Pool           // *judgement
	distinct   map[string]*program // by kind and text: the first of those that are the same
}

// kindRules are the rules of one kind in file order.
type kindRules struct {
	rules []*rule
	index *ruleIndex
}

// rule is a compiled [[rule]].
type rule struct {
	Rule
	at     string // file:line:col
	vote   pipeline.Vote
	when   *program
	unless *program // nil: none
}

// program is one compiled expression. fast is run on events whose facts it
// reads are all known; need, made on first use, checks each fact it reaches.
type program struct {
	expr  Expr
	kind  pipeline.Kind
	fast  *vm.Program
	reads []int // indices into Set.paths
	id    int   // of the text; programs that are the same share it
	ast   *analysis

	once    sync.Once
	need    *vm.Program
	needErr error
}

// compiler collects findings over one file.
type compiler struct {
	file *File
	set  *Set
	opts Options
	out  []diag.Finding
}

// Compile type-checks every expression against the environment of its kind,
// expands the definitions and runs the lints. The Set is nil if a finding is
// an error.
func Compile(f *File, opts Options) (*Set, []diag.Finding) {
	c := newCompiler(f, opts)
	c.compile()
	c.lint()
	diag.Sort(c.out)
	c.out = slices.Compact(c.out)
	if diag.HasErrors(c.out) {
		return nil, c.out
	}
	return c.finish(), c.out
}

func newCompiler(f *File, opts Options) *compiler {
	c := &compiler{file: f, opts: opts, set: &Set{file: f, kinds: map[pipeline.Kind]*kindRules{}, distinct: map[string]*program{}}}
	c.set.judgements.New = newJudgement
	return c
}

func (c *compiler) compile() {
	c.defines()
	for _, r := range c.file.Rules {
		c.rule(r)
	}
}

// finish builds the indexes.
func (c *compiler) finish() *Set {
	for _, k := range c.set.kinds {
		k.index = newRuleIndex(k.rules)
	}
	return c.set
}

// memoryBudget bounds the elements that one evaluation may create.
const memoryBudget = 100_000

func (c *compiler) add(level diag.Level, id string, at Pos, suggest, format string, args ...any) {
	c.out = append(c.out, diag.Finding{ID: id, Level: level, File: c.file.Name, Line: at.Line, Col: at.Col, Len: at.Len,
		Text: fmt.Sprintf(format, args...), Suggest: suggest})
}

// defines parses [define] and refuses names that mean something already,
// definitions that do not parse, and those that use themselves.
func (c *compiler) defines() {
	defs := &definitions{list: c.file.Defines, index: map[string]int{}, used: map[string]bool{}}
	c.set.defs = defs
	for i, d := range defs.list {
		at, _ := c.file.At(d.Expr.path)
		if taken := takenName(d.Name); taken != "" {
			c.add(diag.Error, "reserved-name", at, "", "[define] cannot be called %q: that is %s", d.Name, taken)
			continue
		}
		if d.Expr.Text == "" {
			continue
		}
		if _, err := parseExpr(d.Expr.Text); err != nil {
			msg, _ := plainMessage(err, "", "")
			c.add(diag.Error, "bad-expression", c.file.place(d.Expr, err.Location), "", "definition %q: %s", d.Name, msg)
			continue
		}
		defs.index[d.Name] = i
	}
	for _, d := range defs.list {
		if cycle := defs.cycle(d.Name, nil); cycle != nil && cycle[0] == d.Name && slices.Min(cycle) == d.Name {
			at, _ := c.file.At(d.Expr.path)
			c.add(diag.Error, "define-cycle", at, "", "definition %q uses itself: %s", d.Name, strings.Join(cycle, " → "))
		}
	}
	if diag.HasErrors(c.out) { // cyclic names must not be expanded
		for _, d := range defs.list {
			if defs.cycle(d.Name, nil) != nil {
				delete(defs.index, d.Name)
			}
		}
	}
}

func takenName(name string) string {
	if slices.Contains(builtins, name) || slices.Contains(functions, name) {
		return "a function"
	}
	if slices.Contains([]string{"true", "false", "nil", "not", "and", "or", "in", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"}, name) {
		return "a word of the language"
	}
	for _, k := range pipeline.Kinds {
		if slices.Contains(rootNames(k), name) {
			return "a fact"
		}
	}
	return ""
}

func (c *compiler) rule(r Rule) {
	if r.On == "" || r.When.Text == "" {
		return // reported by Parse
	}
	c.lintReply(r)
	out := &rule{Rule: r, at: fmt.Sprintf("%s:%d:%d", c.file.Name, r.Pos.Line, r.Pos.Col)}
	out.vote = pipeline.Vote{Verdict: r.Then, Source: pipeline.SourceRule, By: r.ID, Why: r.Why, At: out.at, Shadow: r.Mode == "shadow"}
	if r.Then == pipeline.Ask {
		out.vote.Terms = r.Terms
	}
	out.when = c.program(r, r.When)
	if r.Unless.Text != "" {
		out.unless = c.program(r, r.Unless)
	}
	if out.when == nil || r.Unless.Text != "" && out.unless == nil {
		return
	}
	k := c.set.kinds[r.On]
	if k == nil {
		k = &kindRules{}
		c.set.kinds[r.On] = k
	}
	k.rules = append(k.rules, out)
}

// program compiles one expression of a rule; nil if it has errors.
func (c *compiler) program(r Rule, e Expr) *program {
	a, err := analyse(e.Text, r.On, c.set.defs)
	if err != nil {
		c.exprError(r, e, err, nil)
		return nil
	}
	for name := range a.uses {
		c.set.defs.used[name] = true
	}
	bad := false
	for _, p := range a.problems {
		c.add(p.level, p.id, c.file.place(e, p.loc), p.suggest, "rule %q: %s", r.ID, p.text)
		bad = bad || p.level == diag.Error
	}
	if bad {
		return nil
	}
	p := &program{expr: e, kind: r.On, ast: a}
	key := string(r.On) + " " + e.Text
	if same := c.set.distinct[key]; same != nil {
		p.fast, p.reads, p.id = same.fast, same.reads, same.id
		return p
	}
	var cerr error
	if p.fast, cerr = c.set.build(e.Text, r.On); cerr != nil {
		c.exprError(r, e, asFileError(cerr), a.root)
		return nil
	}
	for _, fact := range a.facts {
		p.reads = append(p.reads, c.set.intern(fact))
	}
	p.id = len(c.set.distinct)
	c.set.distinct[key] = p
	return p
}

func (c *compiler) exprError(r Rule, e Expr, fe *file.Error, root ast.Node) {
	msg, suggest := plainMessage(fe, baseAt(root, fe.Location), r.On)
	at := c.file.place(e, fe.Location)
	if strings.HasPrefix(msg, "expected bool") {
		msg, at = "the expression gives "+strings.TrimPrefix(msg, "expected bool, but got ")+"; want true or false", e.Pos
		msg = strings.Replace(msg, "gives unknown", "gives an untyped value", 1)
	}
	c.add(diag.Error, "bad-expression", at, suggest, "rule %q: %s", r.ID, msg)
}

// baseAt is the text before the dot of the member that an error points at.
func baseAt(root ast.Node, loc file.Location) string {
	if root == nil {
		return ""
	}
	if m, ok := root.(*ast.MemberNode); ok && m.Location() == loc {
		if _, pointer := m.Node.(*ast.PointerNode); !pointer {
			return m.Node.String()
		}
		return ""
	}
	for _, kid := range children(root) {
		if kid != nil {
			if s := baseAt(kid, loc); s != "" {
				return s
			}
		}
	}
	return ""
}

// intern gives a fact path its index.
func (s *Set) intern(path string) int {
	if i := slices.Index(s.paths, path); i >= 0 {
		return i
	}
	s.paths = append(s.paths, path)
	return len(s.paths) - 1
}

// build compiles text for a kind with extra options after the expansion of
// definitions. The library's optimizer stays off: it leaves out parts that
// would fail ("x or true") and merges predicates, so that the same expression
// could be unknown in one program and true in another.
func (s *Set) build(text string, kind pipeline.Kind, extra ...expr.Option) (*vm.Program, error) {
	opts := append(functionOptions(), expr.Env(environments[kind]), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(maxNodes),
		expr.Optimize(false), expr.Patch(&expander{defs: s.defs}), expr.Patch(constants{}))
	return expr.Compile(text, append(opts, extra...)...)
}

// constants turns lists of texts into sets once, instead of building a list at
// each evaluation.
type constants struct{}

// Visit replaces the right side of: text in ["a", "b"].
func (constants) Visit(n *ast.Node) {
	b, ok := (*n).(*ast.BinaryNode)
	if !ok || b.Operator != "in" || b.Left.Nature() == nil || !b.Left.Nature().IsString() {
		return
	}
	list, ok := b.Right.(*ast.ArrayNode)
	if !ok || len(list.Nodes) == 0 {
		return
	}
	set := make(map[string]struct{}, len(list.Nodes))
	for _, e := range list.Nodes {
		s, ok := e.(*ast.StringNode)
		if !ok {
			return
		}
		set[s.Value] = struct{}{}
	}
	ast.Patch(&b.Right, &ast.ConstantNode{Value: set})
}
