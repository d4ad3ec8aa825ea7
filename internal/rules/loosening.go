package rules

import (
	"fmt"
	"reflect"
	"slices"
	"sort"

	"ctpipe/pipeline"
)

// Loosens compares two versions of rules.toml without running them and says
// what in the new one could let more through than the old. Empty means that
// the change can only have tightened. It judges by the text, not by what the
// expressions mean, and so errs towards reporting: a changed condition of a
// rule that votes is always a reason. Changes of scripts' contents are the
// caller's to compare.
func Loosens(old, next *File) []string {
	l := &looseness{old: old, next: next}
	l.verdicts("default", old.Default, next.Default)
	l.verdicts("on_error", old.OnError, next.OnError)
	l.people()
	l.rules()
	l.hooks()
	l.rest()
	return l.out
}

type looseness struct {
	old, next *File
	out       []string
}

func (l *looseness) say(format string, args ...any) {
	l.out = append(l.out, fmt.Sprintf(format, args...))
}

// verdicts: any change of default or on_error counts.
func (l *looseness) verdicts(what string, old, next Verdicts) {
	for _, k := range pipeline.Kinds {
		if a, b := old.Kind[k], next.Kind[k]; a != b {
			l.say("[%s] %s: %s → %s", what, k, a, b)
		}
	}
	if old.Opaque != next.Opaque {
		l.say("[%s] opaque: %s → %s", what, old.Opaque, next.Opaque)
	}
}

// people: who may be what.
func (l *looseness) people() {
	names := map[string]bool{}
	for name := range l.old.Groups {
		names[name] = true
	}
	for name := range l.next.Groups {
		names[name] = true
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	for _, name := range sorted {
		if !sameSet(l.old.Groups[name], l.next.Groups[name]) {
			l.say("[groups] %s changed", name)
		}
	}
	if !sameSet(l.old.Approval.Approvers, l.next.Approval.Approvers) {
		l.say("[approval] approvers changed")
	}
	if l.old.Approval.TTL != l.next.Approval.TTL {
		l.say("[approval] ttl: %s → %s", l.old.Approval.TTL, l.next.Approval.TTL)
	}
	allowed := func(f *File) map[string][]string {
		out := map[string][]string{"playground": f.Playground.AllowedUsers}
		for _, p := range f.Platforms {
			out["platform "+p.ID] = p.AllowedUsers
		}
		return out
	}
	if !reflect.DeepEqual(allowed(l.old), allowed(l.next)) {
		l.say("allowed_users changed")
	}
}

func sameSet(a, b []string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	sort.Strings(x)
	sort.Strings(y)
	return slices.Equal(x, y)
}

// enforced is a rule's standing: shadow and off vote nothing.
func enforced(r Rule) bool { return r.Mode != "shadow" && r.Mode != "off" }

func (l *looseness) rules() {
	before, after := byID(l.old), byID(l.next)
	defines := !reflect.DeepEqual(defineTexts(l.old), defineTexts(l.next))
	for _, r := range l.old.Rules {
		n, still := after[r.ID]
		if !enforced(r) || !r.On.Judged() { // what is said of a notice lets nothing through
			continue
		}
		switch {
		case !still:
			l.gone(r, "removed")
		case !enforced(n):
			l.gone(r, "moved to "+n.Mode)
		case !sameRule(r, n):
			l.say("rule %s changed (%s on %s)", r.ID, word(r), r.On)
		}
	}
	for _, n := range l.next.Rules {
		r, known := before[n.ID]
		if enforced(n) && n.On.Judged() && (!known || !enforced(r)) {
			l.added(n)
		}
	}
	if defines {
		l.say("[define] changed")
	}
}

// gone: an allow rule that goes tightens, except where the kind says who may
// do what: there any change counts.
func (l *looseness) gone(r Rule, how string) {
	if r.Then != pipeline.Allow || peopleKind(r.On) || !r.HasThen {
		l.say("rule %s %s (%s on %s)", r.ID, how, word(r), r.On)
	}
}

func (l *looseness) added(n Rule) {
	if n.Then == pipeline.Allow || peopleKind(n.On) || !n.HasThen {
		l.say("rule %s added (%s on %s)", n.ID, word(n), n.On)
	}
}

func peopleKind(k pipeline.Kind) bool {
	return k == pipeline.KindStart || k == pipeline.KindCommand || k == pipeline.KindReaction
}

func word(r Rule) string {
	if !r.HasThen {
		return "settings"
	}
	return r.Then.String()
}

func byID(f *File) map[string]Rule {
	out := map[string]Rule{}
	for _, r := range f.Rules {
		out[r.ID] = r
	}
	return out
}

func defineTexts(f *File) map[string]string {
	out := map[string]string{}
	for _, d := range f.Defines {
		out[d.Name] = d.Expr.Text
	}
	return out
}

// sameRule ignores where the rule stands and what it says to people.
func sameRule(a, b Rule) bool {
	strip := func(r Rule) Rule {
		r.When, r.Unless = Expr{Text: r.When.Text}, Expr{Text: r.Unless.Text}
		r.Why, r.Index, r.Pos, r.Reply, r.Labels = "", 0, Pos{}, Expr{}, nil
		if r.Mode == "enforce" {
			r.Mode = ""
		}
		return r
	}
	return reflect.DeepEqual(strip(a), strip(b))
}

func (l *looseness) hooks() {
	find := func(f *File, script string) (Hook, bool) {
		for _, h := range f.Hooks {
			if h.Script == script {
				return h, true
			}
		}
		return Hook{}, false
	}
	for _, h := range l.old.Hooks {
		n, still := find(l.next, h.Script)
		switch {
		case !still:
			l.say("hook %s removed", h.Script)
		case !sameSet(h.May, n.May):
			l.say("hook %s may: %v → %v", h.Script, h.May, n.May)
		case h.OnError != n.OnError || h.Timeout != n.Timeout:
			l.say("hook %s changed", h.Script)
		}
	}
	for _, n := range l.next.Hooks {
		if _, known := find(l.old, n.Script); !known && len(n.May) > 0 {
			l.say("hook %s added, which may %v", n.Script, n.May)
		}
	}
}

// rest: chains, modes and what guards the policy itself.
func (l *looseness) rest() {
	if !reflect.DeepEqual(l.old.Pipeline, l.next.Pipeline) {
		l.say("[pipeline] changed")
	}
	mode := func(f *File) string {
		m, _ := filePermissions(f)
		for _, p := range f.Platforms {
			if m == "" && truth(p.SkipPermissions) {
				m = string(pipeline.ModeBypass)
			}
		}
		return m
	}
	if mode(l.old) != mode(l.next) {
		l.say("[claude] permissions: %q → %q", mode(l.old), mode(l.next))
	}
	if !sameSet(l.old.Claude.Roots, l.next.Claude.Roots) {
		l.say("[claude] roots changed")
	}
	if truth(l.old.Claude.FileHooks) != truth(l.next.Claude.FileHooks) {
		l.say("[claude] file_hooks changed")
	}
	if l.old.Reload.Confirm != l.next.Reload.Confirm {
		l.say("[reload] confirm: %q → %q", l.old.Reload.Confirm, l.next.Reload.Confirm)
	}
	if !sameSet(l.old.Reload.Owners, l.next.Reload.Owners) {
		l.say("[reload] owners changed")
	}
	if truth(l.old.Journal.Required) && !truth(l.next.Journal.Required) {
		l.say("[journal] required is no longer set")
	}
	stages := func(f *File) map[string]map[string]any {
		out := map[string]map[string]any{}
		for name, raw := range f.Stages {
			out[name] = raw.v
		}
		return out
	}
	if !reflect.DeepEqual(stages(l.old), stages(l.next)) {
		l.say("[stage] options changed")
	}
	if !reflect.DeepEqual(duty(l.old.Rota), duty(l.next.Rota)) {
		l.say("the rota changed")
	}
	l.out = append(l.out, mcpLoosened(l.old.MCP, l.next.MCP)...)
}

// duty is a rota without the places of its names in the file.
func duty(r *Rota) []RotaList {
	if r == nil {
		return nil
	}
	out := slices.Clone(r.Lists)
	for i := range out {
		out[i].Pos = Pos{}
	}
	return out
}

func truth(b *bool) bool { return b != nil && *b }
