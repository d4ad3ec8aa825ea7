package rules

import (
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Rule is one [[rule]] as written.
type Rule struct {
	ID, Why  string
	On       pipeline.Kind
	When     Expr
	Unless   Expr // Text "" where there is none
	Then     pipeline.Verdict
	HasThen  bool
	Mode     string // enforce, shadow, off; "" is enforce
	Terms    pipeline.Terms
	Style    string // show
	Template string // show
	MaxLines int    // show
	Set      Start  // start
	Raise    pipeline.Mode
	Reply    Expr    // session, policy: text with {facts} in it
	Labels   []Label // session, policy; in file order
	Index    int     // in the file, from 0
	Pos      Pos     // of the id, or of the [[rule]] header
}

// Start is what a start rule sets.
type Start struct {
	Dir, Model string
	Mode       pipeline.Mode
}

// Expr is an expression with its place in the file.
type Expr struct {
	Text  string
	Pos   Pos // of the whole value
	body  int // offset of the first character of Text in the file
	quote quote
	path  string
}

// kindKeys says which keys a rule on a kind may have beside the common ones.
// A key that is not enforced for a kind is an error, never ignored.
var kindKeys = map[pipeline.Kind][]string{
	pipeline.KindPost:     {"then", "why"},
	pipeline.KindStart:    {"then", "why", "set"},
	pipeline.KindCommand:  {"then", "why", "raise"},
	pipeline.KindReaction: {"then", "why"},
	pipeline.KindTool:     {"then", "why"},
	pipeline.KindShow:     {"then", "why", "style", "max_lines", "template"},
	pipeline.KindSession:  {"reply", "label"},
	pipeline.KindPolicy:   {"reply", "label"},
}

// askKinds are the kinds whose ask people answer, and so the kinds on which
// approvers, quorum, requester and ttl may stand (where then = "ask").
var askKinds = []pipeline.Kind{pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand, pipeline.KindTool, pipeline.KindShow}

var (
	askKeys    = []string{"approvers", "quorum", "requester", "ttl"}
	commonKeys = []string{"id", "on", "when", "unless", "mode"}
)

func kindNames() []string {
	out := make([]string, len(pipeline.Kinds))
	for i, k := range pipeline.Kinds {
		out[i] = string(k)
	}
	return out
}

func (t *table) expr(key string) Expr {
	e := Expr{Text: t.strOf(key, "expression"), path: t.full(key)}
	if e.Text == "" && t.v[key] == nil {
		return e
	}
	e.Pos = t.valueAt(key)
	if n := t.n.kid(key); n != nil {
		e.body, e.quote = n.body, n.quote
	}
	if _, ok := t.v[key].(string); ok && strings.TrimSpace(e.Text) == "" {
		t.badValue(key, "", "is empty; want an expression")
	}
	return e
}

func (d *decoder) defines(f *File, t *table) {
	for _, name := range t.keys() {
		e := t.expr(name)
		if !identifier(name) {
			d.add(diag.Error, "bad-name", t.at(name), "", "[define] %q is not a name: want letters, digits and _, a letter first", clip(name))
			continue
		}
		f.Defines = append(f.Defines, Define{Name: name, Expr: e})
	}
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' && i > 0
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

func (d *decoder) rules(f *File, ts []*table) {
	seen := map[string]Pos{}
	for i, t := range ts {
		r := d.rule(t)
		r.Index = i
		switch first, dup := seen[r.ID]; {
		case r.ID == "":
			if t.v["id"] == nil {
				d.add(diag.Error, "missing-key", t.here(), "", "[[rule]] wants an id, which votes, tests and the journal name it by")
			}
		case strings.ContainsFunc(r.ID, func(c rune) bool { return c <= ' ' || c == 0x7f }):
			t.badValue("id", "", "is %q; an id has no blanks", r.ID)
		case dup:
			d.add(diag.Error, "duplicate-id", t.valueAt("id"), "", "rule id %q is taken (line %d)", r.ID, first.Line)
		default:
			seen[r.ID] = t.valueAt("id")
		}
		f.Rules = append(f.Rules, r)
	}
}

func (d *decoder) rule(t *table) Rule {
	r := Rule{ID: t.text("id"), On: pipeline.Kind(t.enum("on", kindNames()...)), When: t.expr("when"), Unless: t.expr("unless"),
		Why: t.text("why"), Mode: t.enum("mode", "enforce", "shadow", "off"), Pos: t.here()}
	if t.v["id"] != nil {
		r.Pos = t.valueAt("id")
	}
	if v, err := pipeline.ParseVerdict(t.enum("then", "allow", "ask", "deny")); err == nil {
		r.Then, r.HasThen = v, true
	}
	r.Terms = pipeline.Terms{Approvers: t.strs("approvers"), Quorum: t.count("quorum", 1, 20), Requester: t.boolean("requester"), TTL: t.duration("ttl")}
	if r.Terms.TTL > 7*24*time.Hour {
		t.badValue("ttl", "", "is more than 7 days; nobody remembers what they were asked")
	}
	if list, ok := t.v["approvers"].([]any); ok && len(list) == 0 {
		t.badValue("approvers", "", "names nobody, so the card could not be answered")
	}
	r.Style = t.enum("style", "full", "line", "fold", "file", "hidden")
	r.MaxLines = t.count("max_lines", 1, 100000)
	r.Template = t.text("template")
	r.Raise = pipeline.Mode(t.enum("raise", "auto", "bypass"))
	r.Reply = t.reply("reply")
	r.Labels = t.labels("label")
	set := t.sub("set")
	set.also = map[string]string{"worktree": "sessions do not start in a worktree of their own yet; leave it out"}
	r.Set = Start{Dir: set.text("dir"), Model: set.text("model"), Mode: pipeline.Mode(set.enum("mode", "default", "auto", "bypass"))}
	set.done()
	t.also = map[string]string{"script": "a rule has no script; Lua files are listed with [[hook]]",
		"priority": "rules have no priority: the verdict is the most careful of all votes; use unless for an exception",
		"if":       "a rule's condition is called when"}
	t.done()
	d.ruleShape(t, r)
	return r
}

// ruleShape checks which keys stand together.
func (d *decoder) ruleShape(t *table, r Rule) {
	if t.v["on"] == nil {
		d.add(diag.Error, "missing-key", r.Pos, "", "rule %q wants on: one of %s", r.ID, strings.Join(kindNames(), ", "))
	}
	if t.v["when"] == nil {
		d.add(diag.Error, "missing-key", r.Pos, "", "rule %q wants when (write when = 'true' for always)", r.ID)
	}
	if r.On == "" {
		return
	}
	ask := r.Then == pipeline.Ask && slices.Contains(askKinds, r.On)
	for _, key := range t.keys() {
		if slices.Contains(commonKeys, key) || slices.Contains(kindKeys[r.On], key) || !slices.Contains(t.known, key) {
			continue
		}
		switch {
		case slices.Contains(askKeys, key) && ask:
		case slices.Contains(askKeys, key) && !slices.Contains(askKinds, r.On):
			d.add(diag.Error, "misplaced-key", t.at(key), "", "%s means nothing for a %s rule", key, r.On)
		case slices.Contains(askKeys, key):
			d.add(diag.Error, "misplaced-key", t.at(key), "", `%s says who answers an ask; it needs then = "ask"`, key)
		case key == "then":
			d.add(diag.Error, "misplaced-key", t.at(key), "", "%s events are notices and get no verdict, so then has no meaning", r.On)
		default:
			d.add(diag.Error, "misplaced-key", t.at(key), "", "%s is not for %s rules; they take %s", key, r.On, strings.Join(takes(r.On), ", "))
		}
	}
	d.ruleThen(t, r)
}

func (d *decoder) ruleThen(t *table, r Rule) {
	settings := t.v["style"] != nil || t.v["max_lines"] != nil || t.v["template"] != nil || t.v["set"] != nil || t.v["raise"] != nil
	switch {
	case !r.On.Judged() && t.v["reply"] == nil && t.v["label"] == nil:
		d.add(diag.Error, "no-effect", r.Pos, "", "rule %q has no effect: %s events are notices without a verdict; want reply or label", r.ID, r.On)
	case !r.On.Judged():
	case t.v["then"] == nil && !settings:
		d.add(diag.Error, "missing-key", r.Pos, "", "rule %q wants then: allow, ask or deny", r.ID)
	case r.Then == pipeline.Deny && settings:
		d.add(diag.Error, "misplaced-key", t.at("then"), "", "a rule that denies cannot set anything for what it denies")
	case r.On == pipeline.KindReaction && r.Then == pipeline.Ask:
		t.badValue("then", "", "is \"ask\", but a reaction cannot wait for people; want allow or deny")
	}
	if set, ok := t.v["set"].(map[string]any); ok && len(set) == 0 {
		t.badValue("set", "", "sets nothing; want dir, model or mode")
	}
}

func takes(k pipeline.Kind) []string {
	out := append([]string{}, commonKeys...)
	out = append(out, kindKeys[k]...)
	if slices.Contains(askKinds, k) {
		out = append(out, askKeys...)
	}
	return out
}

// The limits of a [[hook]]'s timeout.
const (
	MinHookTimeout = time.Millisecond
	MaxHookTimeout = 2 * time.Second
)

func (d *decoder) hooks(f *File, ts []*table) {
	seen := map[string]bool{}
	for _, t := range ts {
		h := Hook{Script: t.text("script"), Timeout: t.duration("timeout"), Pos: t.here()}
		if t.v["script"] != nil {
			h.Pos = t.valueAt("script")
		} else {
			d.add(diag.Error, "missing-key", h.Pos, "", "[[hook]] wants script, the path of a Lua file")
		}
		if h.Timeout != 0 && (h.Timeout < MinHookTimeout || h.Timeout > MaxHookTimeout) {
			t.badValue("timeout", "", "is %s; want %s to %s, since Claude and the thread wait for it", h.Timeout, MinHookTimeout, MaxHookTimeout)
			h.Timeout = 0 // said once; the host goes on with its default
		}
		if t.v["on_error"] == "allow" {
			t.has("on_error", "ask | deny")
			d.add(diag.Error, "on-error-allow", t.valueAt("on_error"), "", `%s may not be "allow": a hook that fails never lets anything through; want ask or deny`, t.label("on_error"))
		} else if v, err := pipeline.ParseVerdict(t.enum("on_error", "ask", "deny")); err == nil {
			h.OnError = v
		}
		h.May = d.may(t)
		if h.Script != "" && seen[h.Script] {
			d.add(diag.Error, "duplicate-id", h.Pos, "", "script %q is listed twice", h.Script)
		}
		seen[h.Script] = true
		t.done()
		f.Hooks = append(f.Hooks, h)
	}
}

func (d *decoder) may(t *table) []string {
	may := t.strs("may")
	allowed := []string{"allow", "ask", "deny"}
	for i, m := range may {
		if !slices.Contains(allowed, m) {
			d.add(diag.Error, "bad-value", t.elemAt("may", i), diag.Suggest(m, allowed), "%s: %q is no verdict; want allow, ask or deny", t.label("may"), clip(m))
		}
	}
	return may
}
