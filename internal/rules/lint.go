package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// lint runs the checks that are about meaning rather than form. Each has an
// entry in allLints.
func (c *compiler) lint() {
	c.lintGroups()
	c.lintDefines()
	c.lintTests()
	c.lintPipeline()
	c.lintDefaults()
	for _, k := range pipeline.Kinds {
		kind := c.set.kinds[k]
		if kind == nil {
			continue
		}
		seen := map[string]*rule{}
		for _, r := range kind.rules {
			c.lintEscapes(r)
			c.lintGroupNames(r)
			c.lintAllow(r)
			c.lintUntyped(r)
			c.lintValues(r)
			c.lintShadowed(r, seen)
		}
	}
	c.lintOpaqueCover()
}

// knownGroups are the words that approvers may name.
func (c *compiler) knownGroups() []string {
	out := slices.Clone(reservedGroups)
	return append(out, c.file.groupNames()...)
}

func (c *compiler) lintGroups() {
	if c.file.rotaMissing() {
		return
	}
	known := c.knownGroups()
	check := func(approvers []string, path, whose string) {
		for _, a := range approvers {
			if !slices.Contains(known, a) {
				at, _ := c.file.valueAt(path)
				c.add(diag.Error, "unknown-group", c.file.elemPos(path, a, at), diag.Suggest(a, known),
					"%s names the group %q, which [groups] does not have", whose, clip(a))
			}
		}
	}
	check(c.file.Approval.Approvers, "approval.approvers", "[approval] approvers")
	for _, r := range c.file.Rules {
		check(r.Terms.Approvers, fmt.Sprintf("rule[%d].approvers", r.Index), fmt.Sprintf("rule %q", r.ID))
	}
	known = slices.DeleteFunc(slices.Clone(known), func(g string) bool { return g == "owner" || g == "invited" }) // of a session
	check(c.file.Reload.Owners, "reload.owners", "[reload] owners")
}

// elemPos is the place of the entry value in the list at path.
func (f *File) elemPos(path, value string, fallback Pos) Pos {
	n := f.index
	for part := range strings.SplitSeq(path, ".") {
		name, at, indexed := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		if n = n.kid(name); indexed {
			i := 0
			fmt.Sscanf(at, "%d", &i)
			n = n.elem(i)
		}
	}
	if n == nil {
		return fallback
	}
	for _, e := range n.elems {
		if text := f.lines.src[e.val.from:e.val.to]; strings.Trim(text, `"'`) == value {
			return f.lines.pos(e.val)
		}
	}
	return fallback
}

func (c *compiler) lintDefines() {
	if diag.HasErrors(c.out) {
		return // a rule that does not compile may be the one that uses it
	}
	for _, d := range c.file.Defines {
		if _, parsed := c.set.defs.index[d.Name]; parsed && !c.set.defs.used[d.Name] {
			at, _ := c.file.At(d.Expr.path)
			c.add(diag.Warning, "unused-define", at, "", "definition %q is not used by any rule", d.Name)
		}
	}
}

func (c *compiler) lintTests() {
	var known []string
	for _, r := range c.file.Rules {
		known = append(known, r.ID)
	}
	for _, h := range c.file.Hooks {
		known = append(known, h.Script, strings.TrimSuffix(path.Base(h.Script), path.Ext(h.Script)))
	}
	for _, t := range c.file.Tests {
		builtIn := strings.HasPrefix(t.By, "floor") || strings.HasPrefix(t.By, "stage") || t.By == "default"
		if t.By != "" && !builtIn && !slices.Contains(known, t.By) {
			at, _ := c.file.valueAt(fmt.Sprintf("test[%d].by", t.Index))
			c.add(diag.Warning, "unknown-rule", at, diag.Suggest(t.By, known), "test %q names %q, which is no rule or hook of this file", t.Name, clip(t.By))
		}
	}
}

func (c *compiler) lintDefaults() {
	if at, ok := c.file.valueAt("default.tool"); ok && c.file.Default.Kind[pipeline.KindTool] == pipeline.Allow {
		c.add(diag.Warning, "default-allow", at, "", "[default] tool = \"allow\" lets every call run that nothing voted on")
	}
	if at, ok := c.file.valueAt("default.opaque"); ok && c.file.Default.Opaque == pipeline.Allow {
		c.add(diag.Warning, "default-allow", at, "", "[default] opaque = \"allow\" lets calls run that nobody can see into")
	}
}

func (c *compiler) lintEscapes(r *rule) {
	for _, e := range []Expr{r.When, r.Unless} {
		if e.quote == escaped {
			c.add(diag.Warning, "escaped-expression", e.Pos, "", "rule %q: an expression in double quotes has escapes, so errors in it cannot be placed; write it in '…' or '''…'''", r.ID)
		}
	}
}

func (c *compiler) lintShadowed(r *rule, seen map[string]*rule) {
	if !r.HasThen || r.Mode == "off" || r.Mode == "shadow" || r.Style+r.Template+string(r.Raise) != "" || r.Set != (Start{}) || r.MaxLines > 0 {
		return
	}
	key := r.when.ast.root.String()
	if r.unless != nil {
		key += "\x00" + r.unless.ast.root.String()
	}
	first := seen[key]
	if first == nil {
		seen[key] = r
		return
	}
	loser, winner := r, first
	switch {
	case first.Then < r.Then:
		loser, winner, seen[key] = first, r, r
	case first.Then == pipeline.Ask && r.Then == pipeline.Ask:
		return // both sets of approvers count
	}
	c.add(diag.Warning, "shadowed-rule", loser.Pos, "", "rule %q never decides: rule %q has the same when and says %s", loser.ID, winner.ID, winner.Then)
}

// lintOpaqueCover warns once if rules look into calls while no rule says what
// happens to calls that nobody can look into.
func (c *compiler) lintOpaqueCover() {
	kind := c.set.kinds[pipeline.KindTool]
	if kind == nil {
		return
	}
	var first *rule
	for _, r := range kind.rules {
		facts := r.facts()
		if slices.Contains(facts, "tool.opaque") {
			return
		}
		looks := slices.ContainsFunc(facts, func(f string) bool {
			return covers("tool.commands", f) || covers("tool.paths", f) || covers("tool.hosts", f)
		})
		if first == nil && looks && r.Then >= pipeline.Ask {
			first = r
		}
	}
	if first != nil {
		c.add(diag.Warning, "opaque-uncovered", first.Pos, "", "rule %q looks at commands, paths or hosts, "+
			"but no rule tests tool.opaque: what hides its command is judged by [default] opaque alone", first.ID)
	}
}

// facts are the fact paths that a rule reads.
func (r *rule) facts() []string {
	out := slices.Clone(r.when.ast.facts)
	if r.unless != nil {
		out = append(out, r.unless.ast.facts...)
	}
	return out
}

// NeverTrue reports the rules that no test ever made true; matched holds the
// ids of those that were (Outcome.Matched of every test).
func (s *Set) NeverTrue(matched map[string]bool) []diag.Finding {
	var out []diag.Finding
	for _, r := range s.file.Rules {
		if r.Mode != "off" && !matched[r.ID] {
			out = append(out, diag.Finding{ID: "never-true", Level: diag.Warning, File: s.file.Name, Line: r.Pos.Line, Col: r.Pos.Col, Len: r.Pos.Len,
				Text: fmt.Sprintf("rule %q was not true in any test", r.ID)})
		}
	}
	return out
}
