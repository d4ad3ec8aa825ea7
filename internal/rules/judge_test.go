package rules

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// load compiles a file that must have no errors.
func load(t testing.TB, src string) *Set {
	t.Helper()
	f, fs := Parse("rules.toml", []byte(src))
	var set *Set
	if !diag.HasErrors(fs) {
		var more []diag.Finding
		set, more = Compile(f, Options{})
		fs = append(fs, more...)
	}
	if diag.HasErrors(fs) {
		for _, x := range fs {
			t.Log(diag.Format(x, diag.Sources{"rules.toml": []byte(src)}))
		}
		t.Fatal("the rules do not compile")
	}
	return set
}

func oneRule(extra string) string {
	return "on_error = { tool = \"ask\", post = \"deny\" }\n[[rule]]\nid = \"r\"\non = \"tool\"\n" + extra
}

// TestJudgeTable is design section 7's table, row by row (P1).
func TestJudgeTable(t *testing.T) {
	git := []pipeline.Command{{Prog: "git"}}
	const git1, known = `any(tool.commands, .prog == "git")`, `tool.name == "Bash"`
	cases := []struct {
		name, when, unless, then, extra string
		unknown                         []string
		want                            pipeline.Verdict
		other, note                     bool
		err                             string
	}{
		{name: "true", when: git1, then: "deny", want: pipeline.Deny},
		{name: "false", when: `tool.name == "x"`, then: "deny"},
		{name: "excepted", when: known, unless: git1, then: "deny"},
		{name: "unknown allow", when: git1 + " and not tool.opaque", then: "allow", unknown: []string{"tool.commands"}, note: true},
		{name: "unknown ask", when: git1, then: "ask", extra: "quorum = 2\n", unknown: []string{"tool.commands"}, want: pipeline.Ask, err: "could not judge: tool.commands unknown (unclosed quote)"},
		{name: "unknown deny", when: git1, then: "deny", unknown: []string{"tool.commands"}, want: pipeline.Ask, other: true, err: "could not judge: tool.commands unknown (unclosed quote)"},
		{name: "unknown but not reached", when: `tool.name == "Edit" and ` + git1, then: "deny", unknown: []string{"tool.commands"}},
		{name: "whole tool unknown", when: git1, then: "deny", unknown: []string{"tool"}, want: pipeline.Ask, other: true, err: "could not judge: tool unknown (unclosed quote)"},
		{name: "unless unknown, deny", when: known, unless: git1, then: "deny", unknown: []string{"tool.commands"}, want: pipeline.Deny, err: "unless: could not judge: tool.commands unknown (unclosed quote)"},
		{name: "unless unknown, ask", when: known, unless: git1, then: "ask", unknown: []string{"tool.commands"}, want: pipeline.Ask, err: "unless: could not judge: tool.commands unknown (unclosed quote)"},
		{name: "unless unknown, allow", when: known + " and not tool.opaque", unless: git1, then: "allow", unknown: []string{"tool.commands"}, note: true},
		{name: "error is unknown", when: `tool.commands[7].prog == "git"`, then: "deny", want: pipeline.Ask, other: true, err: "could not judge: index out of range: 7 (array length is 1)"},
		{name: "error in allow", when: `not tool.opaque and tool.commands[7].prog == "git"`, then: "allow", note: true},
		{name: "shadow", when: git1, then: "deny", extra: "mode = \"shadow\"\n", want: pipeline.Deny},
		{name: "off", when: git1, then: "deny", extra: "mode = \"off\"\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := oneRule("when = '" + c.when + "'\nthen = \"" + c.then + "\"\n" + c.extra)
			if c.unless != "" {
				src += "unless = '" + c.unless + "'\n"
			}
			set := load(t, src)
			ev := &pipeline.Event{Kind: pipeline.KindTool, Unknown: c.unknown, Tool: pipeline.Tool{Name: "Bash", Commands: git, Why: "unclosed quote"}}
			out := set.Judge(ev)
			if (len(out.Notes) > 0) != c.note {
				t.Errorf("notes %v", out.Notes)
			}
			if c.want == pipeline.Abstain {
				if len(out.Votes) != 0 {
					t.Fatalf("votes %+v", out.Votes)
				}
				return
			}
			if len(out.Votes) != 1 {
				t.Fatalf("votes %+v", out.Votes)
			}
			v := out.Votes[0]
			if v.Verdict != c.want || v.Err != c.err || v.Terms.Other != c.other || v.By != "r" || v.At != "rules.toml:3:6" || v.Source != pipeline.SourceRule {
				t.Errorf("vote %+v", v)
			}
			if strings.Contains(c.extra, "quorum") && v.Terms.Quorum != 2 {
				t.Error("the ask lost its terms")
			}
			if v.Shadow != strings.Contains(c.extra, "shadow") {
				t.Error("shadow is not marked")
			}
		})
	}
}

func TestLongListsAreUnknown(t *testing.T) {
	set := load(t, oneRule("when = 'any(tool.commands, .prog == \"rm\")'\nthen = \"deny\"\n"))
	ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Commands: make([]pipeline.Command, maxCommands+1)}}
	if out := set.Judge(ev); len(out.Votes) != 1 || out.Votes[0].Verdict != pipeline.Ask || out.Votes[0].Err == "" {
		t.Fatalf("%+v", out)
	}
}

func TestSettings(t *testing.T) {
	set := load(t, `
[[rule]]
id = "shadowed"
on = "show"
when = 'true'
style = "hidden"
mode = "shadow"
[[rule]]
id = "blind"
on = "show"
when = 'true'
unless = 'session.tainted'
style = "hidden"
[[rule]]
id = "first"
on = "show"
when = 'show.what == "diff"'
style = "fold"
[[rule]]
id = "second"
on = "show"
when = 'true'
style = "line"
max_lines = 7
then = "allow"
[[rule]]
id = "start-auto"
on = "start"
when = 'true'
set = { mode = "auto", model = "a" }
[[rule]]
id = "start-careful"
on = "start"
when = 'true'
set = { mode = "default", model = "b", dir = "/x" }
[[rule]]
id = "raise"
on = "command"
when = 'command.name == "permissions"'
then = "allow"
raise = "auto"
`)
	out := set.Judge(&pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{What: "diff"}, Unknown: []string{"session.tainted"}})
	if s := out.Settings; s.Style != "fold" || s.MaxLines != 7 || s.By["style"] != "first" || s.By["max_lines"] != "second" {
		t.Errorf("%+v", s)
	}
	out = set.Judge(&pipeline.Event{Kind: pipeline.KindStart})
	if s := out.Settings.Start; s.Mode != pipeline.ModeDefault || s.Model != "a" || s.Dir != "/x" {
		t.Errorf("%+v", s)
	}
	out = set.Judge(&pipeline.Event{Kind: pipeline.KindCommand, Command: pipeline.ChatCommand{Name: "permissions"}})
	if out.Settings.Raise != pipeline.ModeAuto {
		t.Errorf("%+v", out)
	}
}

func TestExampleOfTheLanguage(t *testing.T) {
	src, err := os.ReadFile("testdata/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	set := load(t, string(src))
	ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{
		{Prog: "git", Sub: "status", Class: "read"}, {Prog: "git", Sub: "push", Args: []string{"-f"}, Class: "net"}}}}
	if v, top := pipeline.Top(set.Judge(ev).Votes); v != pipeline.Deny || top[0].By != "no-force-push" || top[0].At != "rules.toml:80:8" {
		t.Errorf("%v %+v", v, top)
	}
}

func TestConcurrentJudging(t *testing.T) {
	set := load(t, benchRules(50))
	want := set.Judge(benchEvent())
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range rounds {
				ev := benchEvent()
				if i%3 == 0 {
					ev.Unknown = []string{"tool.commands"}
					set.Judge(ev)
					set.Explain(ev)
				} else if got := set.Judge(ev); !reflect.DeepEqual(got, want) {
					t.Errorf("%+v", got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestExplain(t *testing.T) {
	set := load(t, `
[define]
only_reads = 'not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .class == "read")'
[[rule]]
id = "reads"
on = "tool"
when = 'tool.name == "Bash" and only_reads'
then = "allow"
[[rule]]
id = "force"
on = "tool"
when = 'any(tool.commands, any(.args, # in ["-f", "--force"]))'
then = "deny"
`)
	ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{
		{Prog: "git", Class: "read"}, {Prog: "git", Args: []string{"-f"}, Class: "net"}}}}
	steps := set.Explain(ev)
	reads, force := steps[0], steps[1]
	if reads.Result != ResultNot || reads.NearestMiss != `would be allowed if all(tool.commands, .class == "read") (here: "git", which is net)` {
		t.Errorf("%+v", reads)
	}
	found := false
	for _, v := range reads.Values {
		found = found || v.Text == `.class == "read"` && v.Saw == `"net"` && !v.Holds && strings.HasPrefix(v.At, "rules.toml:3:")
	}
	if !found {
		t.Errorf("no value shows that the class was net: %+v", reads.Values)
	}
	if force.Result != ResultMatched || force.NearestMiss == "" {
		t.Errorf("%+v", force)
	}
	ev.Unknown = []string{"tool.commands"}
	if s := set.Explain(ev)[1]; s.Result != ResultUnknown || s.Err != "could not judge: tool.commands unknown" {
		t.Errorf("%+v", s)
	}
}

func TestErrUnknown(t *testing.T) {
	set := load(t, oneRule("when = 'tool.opaque'\nthen = \"deny\"\n"))
	ev := &pipeline.Event{Kind: pipeline.KindTool, Unknown: []string{"tool.opaque"}}
	j := set.begin(ev)
	if _, err := j.eval(set.kinds[pipeline.KindTool].rules[0].when); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"*.go", "a.go", true}, {"*.go", "d/a.go", false}, {"**/*.go", "a.go", true}, {"**/*.go", "d/e/a.go", true},
		{".github/**", ".github/workflows/x.yml", true}, {".github/**", ".github", true}, {".github/**", ".githubx", false},
		{"a/**/b", "a/b", true}, {"a/**/b", "a/x/y/b", true}, {"a?c", "abc", true}, {"a?c", "a/c", false}, {"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false},
		{"[!a]", "/", false}, {"{a,b*}.txt", "bcd.txt", true}, {`\*`, "*", true}, {`\*`, "a", false}, {"a.b", "axb", false}, {"", "", true}, {"x", "x\n", false},
	} {
		if got, err := Glob(c.pattern, c.s); err != nil || got != c.want {
			t.Errorf("Glob(%q, %q) = %v, %v", c.pattern, c.s, got, err)
		}
	}
	for _, bad := range []string{"[a", "{a", `a\`} {
		if _, err := Glob(bad, "a"); err == nil {
			t.Errorf("Glob(%q) has no error", bad)
		}
	}
}

func TestWithin(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		at, spec, zone string
		want           bool
	}{
		{"2026-11-20T08:30:00Z", "Mon-Fri 09:00-17:00", "Europe/Berlin", true}, // Friday 09:30 there
		{"2026-11-20T08:30:00Z", "Mon-Fri 09:00-17:00", "UTC", false},
		{"2026-11-20T17:00:00Z", "Mon-Fri 09:00-17:00", "UTC", false},
		{"2026-11-21T05:59:00Z", "Fri 22:00-06:00", "UTC", true},
		{"2026-11-20T05:59:00Z", "Fri 22:00-06:00", "UTC", false},
		{"2026-11-22T12:00:00Z", "Sat-Mon", "UTC", true}, {"2026-11-24T12:00:00Z", "Sat-Mon", "UTC", false},
		{"2026-11-24T23:59:00Z", "20:00-24:00", "UTC", true}, {"2026-11-24T12:00:00Z", "Mon 09:00-10:00, Tue 11:00-13:00", "UTC", true},
		{"2026-07-01T07:30:00Z", "09:00-10:00", "Europe/Berlin", true}, // summer time
	} {
		if got, err := Within(at(c.at), c.spec, c.zone); err != nil || got != c.want {
			t.Errorf("Within(%s, %q, %s) = %v, %v", c.at, c.spec, c.zone, got, err)
		}
	}
	for _, bad := range [][2]string{{"Mon", ""}, {"Mon", "Local"}, {"Mon", "No/Where"}, {"", "UTC"}, {"9-17", "UTC"}, {"Mon 25:00-26:00", "UTC"}, {"09:00-17:00 Mon", "UTC"}, {"09:00-09:00", "UTC"}} {
		if _, err := Within(at("2026-11-24T12:00:00Z"), bad[0], bad[1]); err == nil {
			t.Errorf("Within(%q, %q) has no error", bad[0], bad[1])
		}
	}
}

// TestViewsEqualTheEvent: rules, hooks, journal and Go call a fact by the same
// name, and a view leaves none out.
func TestViewsEqualTheEvent(t *testing.T) {
	var same func(path string, view, event reflect.Type)
	same = func(path string, view, event reflect.Type) {
		for view.Kind() == reflect.Slice || view.Kind() == reflect.Pointer {
			view = view.Elem()
		}
		for event.Kind() == reflect.Slice {
			event = event.Elem()
		}
		if event.Kind() != reflect.Struct {
			if view.Kind() != event.Kind() || view.Kind() == reflect.String && view.Name() != "string" {
				t.Errorf("%s: view has %s, event %s", path, view, event)
			}
			return
		}
		if n := view.NumMethod() + reflect.PointerTo(view).NumMethod(); n > 0 {
			t.Errorf("%s: the view has methods, which rules could call", path)
		}
		if view.NumField() != event.NumField() {
			t.Fatalf("%s: view has %d fields, event %d", path, view.NumField(), event.NumField())
		}
		for i := range view.NumField() {
			name, _, _ := strings.Cut(event.Field(i).Tag.Get("json"), ",")
			if got := view.Field(i).Tag.Get("expr"); got != name {
				t.Errorf("%s: view calls it %q, event %q", path, got, name)
			}
			same(path+"."+name, view.Field(i).Type, event.Field(i).Type)
		}
	}
	ev := reflect.TypeFor[pipeline.Event]()
	for kind, env := range environments {
		rt := reflect.TypeOf(env)
		for i := range rt.NumField() {
			f := rt.Field(i)
			if f.Anonymous {
				for k := range f.Type.NumField() {
					if b := f.Type.Field(k); b.Tag.Get("expr") != "__need" {
						e, _ := ev.FieldByName(b.Name)
						same(b.Tag.Get("expr"), b.Type, e.Type)
					}
				}
				continue
			}
			e, ok := ev.FieldByName(f.Name)
			if !ok {
				t.Fatalf("%s: the event has no %s", kind, f.Name)
			}
			same(f.Tag.Get("expr"), f.Type, e.Type)
		}
	}
}
