package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// each visits every node below n.
func each(n ast.Node, f func(ast.Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, kid := range children(n) {
		each(kid, f)
	}
}

func (r *rule) expressions() []*program {
	if r.unless == nil {
		return []*program{r.when}
	}
	return []*program{r.when, r.unless}
}

// shellTools are the tools that run command lines.
var shellTools = []string{"Bash", "Monitor"}

// lintAllow looks for allow rules on tool calls that let through more than
// their author sees.
func (c *compiler) lintAllow(r *rule) {
	if r.Then != pipeline.Allow || r.On != pipeline.KindTool || r.Mode == "off" {
		return
	}
	facts := r.when.ast.facts
	reads := func(path string) bool {
		return slices.ContainsFunc(facts, func(f string) bool { return covers(path, f) })
	}
	names := comparedWith(r.when.ast.root, "tool.name")
	if !reads("tool.name") && !reads("tool.commands") && !reads("tool.mcp") {
		c.add(diag.Warning, "broad-allow", r.When.Pos, "", "rule %q allows calls of every tool: it tests neither tool.name nor tool.commands", r.ID)
	}
	shell := reads("tool.commands") || slices.ContainsFunc(names, c.runsCommands)
	if shell && !reads("tool.opaque") && !readsClass(r.when.ast.root) {
		c.add(diag.Error, "allow-opaque", r.When.Pos, "", "rule %q allows command lines, but tests neither tool.opaque nor a class: what hides its command would run", r.ID)
	}
	c.lintVacuous(r)
}

// runsCommands reports a tool whose input is a command line.
func (c *compiler) runsCommands(tool string) bool {
	m, _ := FindMCP(c.file.MCP, tool)
	for _, arg := range m.Args {
		if arg.Role == MCPCommand {
			return true
		}
	}
	return slices.Contains(shellTools, tool)
}

// comparedWith lists the texts that a fact is compared with by == and in.
func comparedWith(root ast.Node, fact string) []string {
	var out []string
	each(root, func(n ast.Node) {
		b, ok := n.(*ast.BinaryNode)
		if !ok || b.Operator != "==" && b.Operator != "in" {
			return
		}
		if path, ok := factPath(b.Left); !ok || path != fact {
			return
		}
		each(b.Right, func(v ast.Node) {
			if s, ok := v.(*ast.StringNode); ok {
				out = append(out, s.Value)
			}
		})
	})
	return out
}

func readsClass(root ast.Node) bool {
	found := false
	each(root, func(n ast.Node) {
		if m, ok := n.(*ast.MemberNode); ok {
			if p, ok := m.Property.(*ast.StringNode); ok && p.Value == "class" {
				found = true
			}
		}
	})
	return found
}

// lintVacuous: all([], …) is true, so an allow rule that says all(list, …)
// also has to say that there is something in the list.
func (c *compiler) lintVacuous(r *rule) {
	var guarded []string
	each(r.when.ast.root, func(n ast.Node) {
		if b, ok := n.(*ast.BuiltinNode); ok && slices.Contains([]string{"len", "any", "one", "count", "first"}, b.Name) && len(b.Arguments) > 0 {
			if path, ok := factPath(b.Arguments[0]); ok {
				guarded = append(guarded, path)
			}
		}
	})
	each(r.when.ast.root, func(n ast.Node) {
		b, ok := n.(*ast.BuiltinNode)
		if !ok || b.Name != "all" {
			return
		}
		path, ok := factPath(b.Arguments[0])
		if !ok || slices.Contains(guarded, path) || path == "tool.requesters" { // requesters are never known to be nobody
			return
		}
		c.addAt(r.when, diag.Error, "vacuous-all", b.Location(), "rule %q: all(%s, …) is true when there are none; add len(%s) > 0", r.ID, path, path)
	})
}

func (c *compiler) addAt(p *program, level diag.Level, id string, loc file.Location, format string, args ...any) {
	c.add(level, id, c.file.place(p.expr, loc), "", format, args...)
}

// lintUntyped: a key that tool.input does not have reads as nothing, and a
// comparison with it is silently false.
func (c *compiler) lintUntyped(r *rule) {
	if r.Then < pipeline.Ask || r.On != pipeline.KindTool {
		return
	}
	for _, p := range r.expressions() {
		guarded := map[string]bool{}
		each(p.ast.root, func(n ast.Node) {
			if b, ok := n.(*ast.BinaryNode); ok && b.Operator == "in" {
				if s, isText := b.Left.(*ast.StringNode); isText {
					if path, _ := factPath(b.Right); strings.HasPrefix(path, "tool.input") {
						guarded[path+"."+s.Value] = true
					}
				}
			}
		})
		each(p.ast.root, func(n ast.Node) {
			b, ok := n.(*ast.BinaryNode)
			if !ok || b.Operator == "in" || slices.Contains([]string{"and", "or", "&&", "||"}, b.Operator) {
				return
			}
			for _, side := range []ast.Node{b.Left, b.Right} {
				if path, ok := factPath(side); ok && strings.HasPrefix(path, "tool.input.") && !guarded[path] {
					c.addAt(p, diag.Warning, "untyped-input", side.Location(),
						"rule %q: %s is untyped: where the call has no such key this is false and the rule says nothing; test %s too, or use tool.paths or tool.commands",
						r.ID, path, missingTest(path))
				}
			}
		})
	}
}

func missingTest(path string) string {
	base, last, _ := cutLast(path)
	return fmt.Sprintf("%q in %s", last, base)
}

// lintGroupNames checks the groups that expressions name.
func (c *compiler) lintGroupNames(r *rule) {
	if c.file.rotaMissing() {
		return
	}
	known := c.file.groupNames()
	for _, p := range r.expressions() {
		each(p.ast.root, func(n ast.Node) {
			b, ok := n.(*ast.BinaryNode)
			if !ok || b.Operator != "in" {
				return
			}
			m, isMember := b.Right.(*ast.MemberNode)
			s, isText := b.Left.(*ast.StringNode)
			if !isMember || !isText || slices.Contains(known, s.Value) {
				return
			}
			if prop, ok := m.Property.(*ast.StringNode); ok && prop.Value == "groups" {
				at := c.file.place(p.expr, s.Location())
				c.add(diag.Error, "unknown-group", at, diag.Suggest(s.Value, known), "rule %q names the group %q, which [groups] does not have", r.ID, clip(s.Value))
			}
		})
	}
}
