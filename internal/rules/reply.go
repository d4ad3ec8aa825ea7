package rules

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Reply is what a rule on a notice has to say: text of the rule's own, and
// values of the event in the places of {notice.text} and the like.
type Reply struct {
	Rule  string
	parts []string // own text and values in turn, own text first
}

// Text is the whole reply; each value passes clean, since it is nobody's own.
func (r Reply) Text(clean func(string) string) string {
	var b strings.Builder
	for i, part := range r.parts {
		if i%2 == 1 {
			part = clean(part)
		}
		b.WriteString(part)
	}
	return b.String()
}

// Label is a word that a rule puts on a run.
type Label struct{ Rule, Key, Value string }

// replyField is a fact in a reply: braces around a path. Other braces are text.
var replyField = regexp.MustCompile(`\{[a-z_]+(\.[a-z_0-9]+)+\}`)

// maxReply bounds what one rule posts, in bytes.
const maxReply = 4 << 10

// lintReply checks the facts that a reply names.
func (c *compiler) lintReply(r Rule) {
	if len(r.Reply.Text) > maxReply {
		c.add(diag.Error, "too-large", r.Reply.Pos, "", "rule %q: the reply has %d bytes; at most %d are posted", r.ID, len(r.Reply.Text), maxReply)
	}
	for _, at := range replyField.FindAllStringIndex(r.Reply.Text, -1) {
		path := r.Reply.Text[at[0]+1 : at[1]-1]
		if problem, suggest := replyProblem(r.On, path); problem != "" {
			loc := file.Location{From: len([]rune(r.Reply.Text[:at[0]])) + 1, To: len([]rune(r.Reply.Text[:at[1]])) - 1}
			c.add(diag.Error, "unknown-name", c.file.place(r.Reply, loc), suggest, "rule %q: reply: %s", r.ID, problem)
		}
	}
}

// replyProblem says why a path cannot stand in a reply of this kind, or "".
func replyProblem(kind pipeline.Kind, path string) (problem, suggest string) {
	rt, base := reflect.TypeOf(environments[kind]), ""
	for part := range strings.SplitSeq(path, ".") {
		field, ok := viewField(rt, part)
		if !ok {
			names := fieldsOf(rt)
			if base == "" {
				return fmt.Sprintf("a %s rule does not know %s; it knows %s", kind, part, strings.Join(names, ", ")), diag.Suggest(part, names)
			}
			return fmt.Sprintf("%s has no field %q", base, part), diag.Suggest(part, names)
		}
		rt, base = field, strings.TrimPrefix(base+"."+part, ".")
	}
	switch rt.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		return base + " is no text or number", ""
	}
	return "", ""
}

// viewField is the type of a field that expressions know by this name.
func viewField(rt reflect.Type, name string) (reflect.Type, bool) {
	if rt.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range rt.NumField() {
		f := rt.Field(i)
		if f.Anonymous {
			if inner, ok := viewField(f.Type, name); ok {
				return inner, true
			}
		} else if f.Tag.Get("expr") == name {
			return f.Type, true
		}
	}
	return nil, false
}

// tells adds what a rule on a notice does: its reply, and the labels that no
// earlier rule gave.
func (o *Outcome) tells(r *rule, ev *pipeline.Event) {
	if r.Reply.Text != "" {
		o.Replies = append(o.Replies, fillReply(r, ev))
	}
	for _, l := range r.Labels {
		o.Labels = append(o.Labels, Label{Rule: r.ID, Key: l.Key, Value: l.Value})
	}
}

func fillReply(r *rule, ev *pipeline.Event) Reply {
	out := Reply{Rule: r.ID}
	text, from := r.Reply.Text, 0
	for _, at := range replyField.FindAllStringIndex(text, -1) {
		out.parts = append(out.parts, text[from:at[0]], factText(ev, text[at[0]+1:at[1]-1]))
		from = at[1]
	}
	out.parts = append(out.parts, text[from:])
	return out
}

// factText is a fact of the event as text; one that nobody could establish is
// said to be unknown.
func factText(ev *pipeline.Event, path string) string {
	if unknownOf(unknownFacts(ev), path) != "" {
		return "unknown"
	}
	v := reflect.ValueOf(ev).Elem()
	for part := range strings.SplitSeq(path, ".") {
		if v = fieldByTag(v, part); !v.IsValid() {
			return "unknown"
		}
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', 2, 64)
	default:
		return fmt.Sprint(v.Interface())
	}
}

// reply reads the text of a reply.
func (t *table) reply(key string) Expr {
	e := Expr{Text: t.text(key), path: t.full(key), Pos: t.valueAt(key)}
	if n := t.n.kid(key); n != nil {
		e.body, e.quote = n.body, n.quote
	}
	return e
}

// labels reads a table of texts.
func (t *table) labels(key string) []Label {
	sub := t.sub(key)
	var out []Label
	for _, name := range sub.keys() {
		value := sub.text(name)
		switch {
		case len(name) > 64 || len(value) > 200:
			sub.badValue(name, "", "is too long; a label has at most 64 bytes, its value 200")
		default:
			out = append(out, Label{Key: name, Value: value})
		}
	}
	if m, ok := t.v[key].(map[string]any); ok && len(m) == 0 {
		t.badValue(key, "", `names no label; want something like { team = "web" }`)
	}
	return out
}
