package rules

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"ctpipe/internal/diag"
)

// factValues are the facts that have one of a few values. A comparison with
// another one is never true: such a rule never applies, and nobody notices.
var factValues = map[string][]string{
	"session.mode":  modes,
	"session.state": {"", "starting", "idle", "running", "waiting", "paused", "ended"},
	"start.mode":    modes,
	"post.origin":   {"person", "bot", "webhook", "plugin", "oauth", "system"},
	"post.route":    {"thread", "mention", "start_command", "command", "bare_command", "alone", "slash"},
	"show.what":     {"text", "thinking", "tool", "result", "diff", "tasks", "plan", "header", "notice"},
	"reaction.meaning": {"approve", "allow_all", "deny", "one", "two", "three", "four", "answer", "stop", "interrupt", "resume", "why",
		"pin", "fold", "other"},
	"reaction.target": {"tool", "plan", "question", "message", "start", "command", "share", "worktree", "context", "card", "header",
		"tasks", "bot_post"},
	"notice.what": {"started", "idle", "timed_out", "over_budget", "exited", "lost", "resumed", "ended",
		"accepted", "refused", "held", "stale", "answered"},
	"tool.commands.class":          {"read", "write", "net", "exec", "unknown"},
	"tool.commands.git.class":      {"", "read", "write", "discard"},
	"tool.commands.git.push.force": {"", "force", "lease"},
	"tool.commands.sql.class":      sqlClasses,
	"tool.sql.class":               sqlClasses,
}

var (
	modes      = []string{"default", "auto", "bypass"}
	sqlClasses = []string{"", "read", "write", "ddl", "destroy", "unknown"}
)

// lintValues warns of comparisons with a value that a fact never has.
func (c *compiler) lintValues(r *rule) {
	for _, p := range r.expressions() {
		v := valueLint{compiler: c, rule: r, program: p}
		v.walk(p.ast.root, "")
	}
}

type valueLint struct {
	*compiler
	rule    *rule
	program *program
}

// walk looks at n; element is the path of the list that # is an element of.
func (v valueLint) walk(n ast.Node, element string) {
	switch x := n.(type) {
	case nil:
		return
	case *ast.BuiltinNode:
		list := element
		if len(x.Arguments) > 0 {
			list = valuePath(x.Arguments[0], element)
		}
		for _, arg := range x.Arguments {
			if pred, ok := arg.(*ast.PredicateNode); ok {
				v.walk(pred.Node, list)
			} else {
				v.walk(arg, element)
			}
		}
		return
	case *ast.BinaryNode:
		v.compare(x, element)
	}
	for _, kid := range children(n) {
		v.walk(kid, element)
	}
}

// valuePath is the path of a fact, or of a field of #; "" for anything else.
func valuePath(n ast.Node, element string) string {
	if path, ok := factPath(n); ok {
		return path
	}
	path, _ := elementPath(n, element)
	return path
}

func (v valueLint) compare(b *ast.BinaryNode, element string) {
	if b.Operator != "==" && b.Operator != "!=" && b.Operator != "in" {
		return
	}
	path, text := valuePath(b.Left, element), b.Right
	known := factValues[path]
	if known == nil && b.Operator != "in" {
		path, text = valuePath(b.Right, element), b.Left
		known = factValues[path]
	}
	if known == nil {
		return
	}
	texts := []ast.Node{text}
	if list, ok := text.(*ast.ArrayNode); ok {
		texts = list.Nodes
	}
	for _, n := range texts {
		s, ok := n.(*ast.StringNode)
		if !ok || slices.Contains(known, s.Value) {
			continue
		}
		at := v.file.place(v.program.expr, s.Location())
		v.add(diag.Warning, "unknown-value", at, diag.Suggest(s.Value, known), "rule %q: %s is never %s; it is one of %s",
			v.rule.ID, path, quoted(s.Value), strings.TrimPrefix(strings.Join(known, ", "), ", "))
	}
}
