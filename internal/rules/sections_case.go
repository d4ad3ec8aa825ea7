package rules

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Test is one [[test]]: an event and what the rules must say about it. Event
// has its kind and what the test gives, and no facts: those are gathered by
// the same stages as in life.
type Test struct {
	Name       string
	Want       pipeline.Verdict
	By         string // id of a rule or hook that must be among the winning votes
	Event      pipeline.Event
	Requesters []string          // user names, of a tool call
	Gives      map[string]string // settings, reply and label that are expected
	Given      []string          // top-level keys the test gives beside name, want and by
	Index      int
	Pos        Pos
}

// testKinds are the tables of which a test has one: what happened.
var testKinds = []string{"post", "start", "command", "reaction", "tool", "show", "notice"}

func (d *decoder) tests(f *File, ts []*table) {
	seen := map[string]bool{}
	for i, t := range ts {
		c := d.test(t)
		c.Index = i
		if c.Name == "" && t.v["name"] == nil {
			d.add(diag.Error, "missing-key", t.here(), "", "[[test]] wants a name")
		}
		if c.Name != "" && seen[c.Name] {
			d.add(diag.Error, "duplicate-id", t.valueAt("name"), "", "test name %q is taken", clip(c.Name))
		}
		seen[c.Name] = true
		f.Tests = append(f.Tests, c)
	}
}

func (d *decoder) test(t *table) Test {
	c := Test{Name: t.text("name"), By: t.text("by"), Requesters: t.strs("requesters"), Pos: t.here()}
	v, err := pipeline.ParseVerdict(t.enum("want", "allow", "ask", "deny"))
	if c.Want = v; err != nil && t.v["want"] == nil && t.v["notice"] == nil {
		d.add(diag.Error, "missing-key", t.here(), "", "test %q wants want: allow, ask or deny", c.Name)
	}
	ev := reflect.ValueOf(&c.Event).Elem()
	var kinds []string
	for _, k := range testKinds {
		if t.v[k] != nil {
			kinds = append(kinds, k)
		}
		d.testEvent(t, k, ev, &c)
	}
	for _, k := range []string{"user", "thread", "session", "limits"} {
		d.testPart(t, k, ev)
	}
	c.Event.Time = d.testTime(t)
	c.Event.Unknown = t.strs("unknown")
	switch len(kinds) {
	case 1:
		if kinds[0] != "notice" {
			c.Event.Kind = pipeline.Kind(kinds[0])
		}
	case 0:
		d.add(diag.Error, "missing-key", t.here(), "", "test %q wants an event: one of %s", c.Name, strings.Join(testKinds, ", "))
	default:
		d.add(diag.Error, "conflict", t.at(kinds[1]), "", "test %q has two events, %s and %s; want one", c.Name, kinds[0], kinds[1])
	}
	if len(c.Requesters) > 0 && c.Event.Kind != pipeline.KindTool {
		d.add(diag.Error, "misplaced-key", t.at("requesters"), "", "requesters belongs to a test of a tool call")
	}
	d.testNotice(t, &c)
	d.gives(t, &c)
	t.done()
	for _, k := range t.keys() {
		if k != "name" && k != "want" && k != "by" {
			c.Given = append(c.Given, k)
		}
	}
	return c
}

func (d *decoder) testPart(t *table, key string, ev reflect.Value) *table {
	sub := t.sub(key)
	if sub.v != nil {
		sub.fill(fieldByTag(ev, key), "json")
		sub.done()
	}
	return sub
}

func (d *decoder) testEvent(t *table, kind string, ev reflect.Value, c *Test) {
	if kind != "tool" {
		d.testPart(t, kind, ev)
		return
	}
	sub := t.sub(kind)
	if sub.v == nil {
		return
	}
	tool := &c.Event.Tool
	tool.Name, tool.Cwd, tool.Subagent = sub.text("name"), sub.str("cwd"), sub.str("subagent")
	if sub.v["name"] == nil {
		d.add(diag.Error, "missing-key", t.at(kind), "", "the tool of test %q wants a name", c.Name)
	}
	in := sub.sub("input")
	tool.Input = map[string]any{}
	for k, v := range in.v {
		tool.Input[k] = plain(v)
	}
	for _, k := range sub.keys() { // the short form: input's keys beside the name
		if !slices.Contains(sub.known, k) {
			tool.Input[k] = plain(sub.v[k])
		}
	}
	d.inputKeys(tool, c.Name, sub, in)
}

// inputKeys are input fields of Claude's own tools. What other tools take is
// not known, and neither is all of these; so only a near miss is reported.
var inputKeys = []string{"command", "content", "description", "file_path", "glob", "limit", "new_string", "notebook_path",
	"offset", "old_string", "pattern", "path", "plan", "prompt", "query", "questions", "replace_all", "run_in_background",
	"script", "skill", "status", "subagent_type", "subject", "timeout", "todos", "type", "url"}

func (d *decoder) inputKeys(tool *pipeline.Tool, test string, places ...*table) {
	if strings.HasPrefix(tool.Name, "mcp__") {
		return
	}
	for k := range tool.Input {
		meant := diag.Suggest(k, inputKeys)
		if slices.Contains(inputKeys, k) || meant == "" || tool.Input[meant] != nil {
			continue
		}
		for _, t := range places {
			if t.v[k] != nil {
				d.add(diag.Warning, "test-input", t.at(k), meant, "test %q gives %s the input %q", test, tool.Name, clip(k))
			}
		}
	}
}

// plain turns a TOML value into what the same JSON would decode to.
func plain(v any) any {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = plain(x[i])
		}
		return out
	case []map[string]any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = plain(x[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			out[k] = plain(x[k])
		}
		return out
	case time.Time:
		return x.Format(time.RFC3339)
	}
	return v
}

func (d *decoder) testTime(t *table) pipeline.Time {
	s := t.strOf("time", "RFC 3339 time")
	if s == "" {
		return pipeline.Time{}
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.badValue("time", "", "is %q; want a time like 2026-03-01T09:30:00Z", clip(s))
		return pipeline.Time{}
	}
	return pipeline.TimeOf(at)
}

func fieldByTag(v reflect.Value, name string) reflect.Value {
	for i := 0; i < v.NumField(); i++ {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}
