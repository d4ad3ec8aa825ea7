package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Conditions of every sort that matters to the index and to unknown facts:
// named and unnamed tools, lists, short circuits, untyped input and conditions
// that fail at run time.
var someConditions = []string{
	`true`, `false`,
	`tool.name == "Bash"`, `tool.name in ["Read", "Edit"]`, `"Bash" == tool.name`, `not (tool.name == "Bash")`, `tool.name != "Read"`,
	`any(tool.commands, .prog == "git")`, `any(tool.commands, .prog in ["rm", "git"] and any(.args, # == "-f"))`,
	`one(tool.commands, .prog == "rm")`, `none(tool.commands, .prog == "rm")`, `len(tool.commands) > 0 and all(tool.commands, .class == "read")`,
	`count(tool.commands, .prog == "git") == 1`, `tool.commands[0].prog == "git"`, `tool.commands[1].prog == "git" and tool.name == "Bash"`,
	`tool.name == "Bash" and tool.commands[1].prog == "git"`, `tool.commands[3].prog == "rm" or tool.name == "Bash"`,
	`tool.input.n > 3`, `tool.input.n > 3 and tool.name == "Read"`, `tool.name == "Read" and tool.input.n > 3`,
	`any(tool.paths, .base == "key")`, `any(tool.paths, glob("**/*.go", .rel) and .write)`, `len(tool.paths) > 0 and all(tool.paths, .inside)`,
	`any(tool.commands, .prog == "git" and .sub == "push")`, `any(tool.commands, .class == "read" and .prog == "ls") and tool.name != "x"`,
	`tool.opaque`, `not tool.opaque`, `session.mode == "auto"`, `session.tainted and any(tool.commands, .class != "read")`,
	`tool.name == "Bash" ? any(tool.commands, .prog == "git") : tool.opaque`,
	`any(tool.hosts, # == "evil.example")`, `"ops" in map(tool.requesters, .name)`, `any(tool.requesters, "core" in .groups)`,
	`tool.mcp.server == "db" and tool.mcp.tool == "query"`, `tool.name matches tool.why`, `tool.name == "Bash" and tool.name matches "^B"`,
	`within(time, "Mon-Fri 09:00-17:00", "Europe/Berlin") and tool.name == "Bash"`,
	`any(filter(tool.commands, .prog == "git"), .sub == "push")`, `first(tool.commands).prog == "git" and tool.name == "Bash"`,
	`tool.name == "Bash" and (false or any(tool.commands, .prog == "rm"))`, `any(tool.commands, .prog == "git" and tool.name == "Bash")`,
	`first(tool.hosts) == "a" and any(tool.commands, .prog == "git")`,
}

func drawCondition(t *rapid.T) string {
	c := func(label string) string { return rapid.SampledFrom(someConditions).Draw(t, label) }
	switch rapid.IntRange(0, 4).Draw(t, "shape") {
	case 0:
		return fmt.Sprintf("(%s) and (%s)", c("a"), c("b"))
	case 1:
		return fmt.Sprintf("(%s) or (%s)", c("a"), c("b"))
	case 2:
		return fmt.Sprintf("not (%s)", c("a"))
	}
	return c("a")
}

type drawnRule struct{ when, unless, then, mode string }

func drawRules(t *rapid.T) []drawnRule {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) drawnRule {
		r := drawnRule{when: drawCondition(t), then: rapid.SampledFrom([]string{"allow", "allow", "ask", "deny"}).Draw(t, "then"),
			mode: rapid.SampledFrom([]string{"enforce", "enforce", "enforce", "shadow", "off"}).Draw(t, "mode")}
		if rapid.Bool().Draw(t, "excepted") {
			r.unless = drawCondition(t)
		}
		return r
	}), 0, 6).Draw(t, "rules")
}

func (r drawnRule) String() string {
	s := fmt.Sprintf("on = \"tool\"\nwhen = '''%s'''\nthen = %q\nmode = %q\n", r.when, r.then, r.mode)
	if r.unless != "" {
		s += fmt.Sprintf("unless = '''%s'''\n", r.unless)
	}
	return s
}

// compileLoose compiles without letting lints stop it: the laws hold for
// careless rules too.
func compileLoose(t *rapid.T, rs []drawnRule, ids []int) *Set {
	var b strings.Builder
	for i, r := range rs {
		fmt.Fprintf(&b, "[[rule]]\nid = \"r%d\"\n%s", ids[i], r)
	}
	f, fs := Parse("rules.toml", []byte(b.String()))
	if diag.HasErrors(fs) {
		t.Fatalf("%v\n%s", fs, b.String())
	}
	c := newCompiler(f, Options{})
	c.compile()
	if diag.HasErrors(c.out) {
		t.Fatalf("%v\n%s", c.out, b.String())
	}
	return c.finish()
}

func drawEvent(t *rapid.T) *pipeline.Event {
	word := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	e := &pipeline.Event{Kind: pipeline.KindTool, Time: pipeline.Time{Unix: rapid.Int64Range(1.7e9, 1.8e9).Draw(t, "time")}}
	e.Session.Mode = pipeline.Mode(word("mode", "default", "auto"))
	e.Session.Tainted = rapid.Bool().Draw(t, "tainted")
	tool := &e.Tool
	tool.Name = word("tool", "Bash", "Read", "Edit", "mcp__db__query", "")
	tool.Opaque = rapid.Bool().Draw(t, "opaque")
	tool.Why = word("why", "", "unclosed quote", "(")
	tool.Input = map[string]any{}
	switch rapid.IntRange(0, 2).Draw(t, "input") {
	case 1:
		tool.Input["n"] = float64(rapid.IntRange(0, 6).Draw(t, "n"))
	case 2:
		tool.Input["n"] = "text"
	}
	for range rapid.IntRange(0, 3).Draw(t, "commands") {
		tool.Commands = append(tool.Commands, pipeline.Command{Prog: word("prog", "git", "rm", "ls", ""), Sub: word("sub", "push", ""),
			Args: rapid.SliceOfN(rapid.SampledFrom([]string{"-f", "x"}), 0, 2).Draw(t, "args"), Class: pipeline.Class(word("class", "read", "write", "unknown"))})
	}
	for range rapid.IntRange(0, 2).Draw(t, "paths") {
		tool.Paths = append(tool.Paths, pipeline.Path{Base: word("base", "key", "a.go"), Rel: word("rel", "a.go", "d/a.go", ""), Inside: rapid.Bool().Draw(t, "inside"), Write: rapid.Bool().Draw(t, "write")})
	}
	tool.Hosts = rapid.SliceOfN(rapid.SampledFrom([]string{"evil.example", "a"}), 0, 2).Draw(t, "hosts")
	for range rapid.IntRange(0, 2).Draw(t, "requesters") {
		tool.Requesters = append(tool.Requesters, pipeline.User{Name: word("name", "ops", "ana"), Groups: []string{word("group", "core", "x")}})
	}
	return e
}

func drawUnknown(t *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"tool.commands", "tool.paths", "tool.hosts", "tool.opaque", "tool.requesters", "session.mode", "tool"}), 1, 3,
		rapid.ID[string]).Draw(t, "unknown")
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestIndexedEqualsUnindexed: the index never changes an outcome.
func TestIndexedEqualsUnindexed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := drawRules(t)
		set := compileLoose(t, rs, numbers(len(rs)))
		ev := drawEvent(t)
		if rapid.Bool().Draw(t, "some unknown") {
			ev.Unknown = drawUnknown(t)
		}
		with, without := set.judge(ev, true), set.judge(ev, false)
		if with.Judged > without.Judged {
			t.Fatalf("the index judged %d rules, without it %d", with.Judged, without.Judged)
		}
		with.Judged, without.Judged = 0, 0
		if !reflect.DeepEqual(with, without) {
			t.Fatalf("indexed   %+v\nunindexed %+v", with, without)
		}
	})
}

// TestOrderNeverChangesTheVerdict: the votes are the same set in any order.
func TestOrderNeverChangesTheVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := drawRules(t)
		ids := numbers(len(rs))
		ev := drawEvent(t)
		ev.Unknown = rapid.SampledFrom([][]string{nil, {"tool.commands"}, {"tool.paths", "tool.hosts"}}).Draw(t, "unknown")
		perm := rapid.Permutation(ids).Draw(t, "perm")
		shuffled := make([]drawnRule, len(rs))
		for i, from := range perm {
			shuffled[i] = rs[from]
		}
		a, b := compileLoose(t, rs, ids).Judge(ev), compileLoose(t, shuffled, perm).Judge(ev)
		key := func(v pipeline.Vote) string {
			return v.By + v.Verdict.String() + v.Err + fmt.Sprint(v.Shadow, v.Terms.Other)
		}
		var x, y []string
		for _, v := range a.Votes {
			x = append(x, key(v))
		}
		for _, v := range b.Votes {
			y = append(y, key(v))
		}
		slices.Sort(x)
		slices.Sort(y)
		if !slices.Equal(x, y) || pipeline.Max(a.Votes) != pipeline.Max(b.Votes) {
			t.Fatalf("%v\n%v", x, y)
		}
	})
}

// TestAddingARuleNeverLowers: the maximum of the votes cast only rises.
func TestAddingARuleNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := drawRules(t)
		if len(rs) == 0 {
			t.Skip()
		}
		ev := drawEvent(t)
		ev.Unknown = rapid.SampledFrom([][]string{nil, {"tool.commands"}, {"tool"}}).Draw(t, "unknown")
		all, fewer := compileLoose(t, rs, numbers(len(rs))), compileLoose(t, rs[1:], numbers(len(rs))[1:])
		if pipeline.Max(all.Judge(ev).Votes) < pipeline.Max(fewer.Judge(ev).Votes) {
			t.Fatal("a further rule lowered the verdict")
		}
	})
}

// TestUnknownNeverAllows (P1): what is allowed while facts are unknown is
// allowed whatever the facts are; and nothing that would have been held is let
// through because a fact is missing.
func TestUnknownNeverAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := drawRules(t)
		set := compileLoose(t, rs, numbers(len(rs)))
		known := drawEvent(t)
		blind := *known
		blind.Unknown = drawUnknown(t)
		a, b := set.Judge(known), set.Judge(&blind)
		if pipeline.Max(b.Votes) == pipeline.Allow && pipeline.Max(a.Votes) != pipeline.Allow {
			t.Fatalf("allowed blindly: %+v\nknowing:         %+v", b.Votes, a.Votes)
		}
		for _, v := range b.Votes {
			if v.Verdict == pipeline.Allow && !slices.ContainsFunc(a.Votes, func(w pipeline.Vote) bool { return w.By == v.By && w.Verdict == pipeline.Allow }) {
				t.Fatalf("%s allows only while it cannot see", v.By)
			}
			if v.Verdict == pipeline.Allow && v.Err != "" {
				t.Fatalf("an allow with an error: %+v", v)
			}
		}
	})
}

// TestExplainAgrees: the traced programs come to the same results.
func TestExplainAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := drawRules(t)
		set := compileLoose(t, rs, numbers(len(rs)))
		ev := drawEvent(t)
		ev.Unknown = rapid.SampledFrom([][]string{nil, {"tool.commands"}, {"tool.paths"}}).Draw(t, "unknown")
		out := set.Judge(ev)
		for _, step := range set.Explain(ev) {
			if (step.Result == ResultMatched) != slices.Contains(out.Matched, step.ID) {
				t.Fatalf("%+v\n%+v", step, out)
			}
		}
	})
}

func FuzzExpr(f *testing.F) {
	for _, c := range someConditions {
		f.Add(c)
	}
	f.Add("((((((((((")
	f.Add("not not not not tool.opaque")
	ev := benchEvent()
	f.Fuzz(func(t *testing.T, when string) {
		if strings.Contains(when, "'''") {
			return
		}
		src := "[[rule]]\nid = \"r\"\non = \"tool\"\nthen = \"deny\"\nwhen = '''\n" + when + "'''\n"
		file, fs := Parse("rules.toml", []byte(src))
		if diag.HasErrors(fs) {
			return
		}
		set, fs := Compile(file, Options{})
		if (set == nil) != diag.HasErrors(fs) {
			t.Fatalf("set %v with %v", set, fs)
		}
		for _, x := range fs {
			diag.Format(x, diag.Sources{"rules.toml": []byte(src)})
		}
		if set != nil {
			set.Judge(ev)
			set.Explain(ev)
		}
	})
}
