package rules

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"ctpipe/internal/diag"
)

// decoder turns the library's values into a File and collects findings. The
// values are the library's, the places our own (keys.go).
type decoder struct {
	name   string
	lines  *lines
	out    []diag.Finding
	places map[string]Pos // absolute path ("rule[2].when") → the key
	values map[string]Pos // the same → the value
	schema *[]schemaKey   // filled when the documentation asks
}

// table is one TOML table being read. Each getter names the key it serves;
// what is left in the end is unknown.
type table struct {
	d     *decoder
	path  string // "" at the top, "rule[2]"
	v     map[string]any
	n     *node
	known []string
	also  map[string]string // keys with their own explanation
}

// schemaKey is one key that rules.toml accepts.
type schemaKey struct {
	Table string // "", "claude", "[[rule]]"
	Key   string
	Type  string // "string", "list of strings", "duration", "a | b | c"
}

func (d *decoder) add(level diag.Level, id string, at Pos, suggest, format string, args ...any) {
	d.out = append(d.out, diag.Finding{ID: id, Level: level, File: d.name, Line: at.Line, Col: at.Col, Len: at.Len,
		Text: fmt.Sprintf(format, args...), Suggest: suggest})
}

func (t *table) full(key string) string {
	if t.path == "" {
		return key
	}
	return t.path + "." + key
}

// label names a key for people: claude.model, or rule "no-push": then.
func (t *table) label(key string) string {
	list, rest, ok := strings.Cut(t.path, "[")
	if !ok {
		return t.full(key)
	}
	_, inner, _ := strings.Cut(rest, "]")
	where := strings.TrimPrefix(inner+"."+key, ".")
	for _, name := range []string{"id", "name", "script"} {
		if s, ok := t.v[name].(string); ok && inner == "" && s != "" {
			return fmt.Sprintf("%s %q: %s", list, clip(s), where)
		}
	}
	return "[[" + list + "]] " + where
}

func (t *table) at(key string) Pos {
	if k := t.n.kid(key); k != nil {
		return t.d.lines.pos(k.key)
	}
	return t.here()
}

func (t *table) valueAt(key string) Pos {
	if k := t.n.kid(key); k != nil {
		return t.d.lines.pos(k.val)
	}
	return t.here()
}

// here is the table's own place: its header or its key.
func (t *table) here() Pos {
	if t.n == nil || t.path == "" {
		return Pos{}
	}
	return t.d.lines.pos(t.n.val)
}

// has registers key as known and reports whether the table gives it.
func (t *table) has(key, typ string) bool {
	t.known = append(t.known, key)
	if t.d.schema != nil {
		*t.d.schema = append(*t.d.schema, schemaKey{Table: schemaTable(t.path), Key: key, Type: typ})
	}
	if _, ok := t.v[key]; !ok {
		return false
	}
	t.d.places[t.full(key)] = t.at(key)
	t.d.values[t.full(key)] = t.valueAt(key)
	return true
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

func schemaTable(path string) string {
	if strings.Count(path, "[") > 1 && strings.HasSuffix(path, "]") { // [[rota.shift]]
		return "[[" + listIndex.ReplaceAllString(path, "") + "]]"
	}
	if i := strings.IndexByte(path, '['); i >= 0 {
		return "[[" + path[:i] + "]]" + path[strings.IndexByte(path, ']')+1:]
	}
	return path
}

func (t *table) bad(key, want string) {
	t.d.add(diag.Error, "bad-type", t.valueAt(key), "", "%s wants %s, not %s", t.label(key), want, describe(t.v[key]))
}

// badValue reports a value of the right type that is not acceptable.
func (t *table) badValue(key, suggest, format string, args ...any) {
	t.d.add(diag.Error, "bad-value", t.valueAt(key), suggest, "%s %s", t.label(key), fmt.Sprintf(format, args...))
}

func (t *table) str(key string) string { return t.strOf(key, "string") }

func (t *table) strOf(key, typ string) string {
	if !t.has(key, typ) {
		return ""
	}
	s, ok := t.v[key].(string)
	if !ok {
		t.bad(key, "a string")
	}
	return s
}

// text is a string that must not be empty where it is given.
func (t *table) text(key string) string {
	s := t.str(key)
	if _, isString := t.v[key].(string); isString && strings.TrimSpace(s) == "" {
		t.badValue(key, "", "is empty")
	}
	return s
}

func (t *table) boolean(key string) *bool {
	if !t.has(key, "true or false") {
		return nil
	}
	b, ok := t.v[key].(bool)
	if !ok {
		t.bad(key, "true or false")
		return nil
	}
	return &b
}

func (t *table) count(key string, low, high int64) int {
	if !t.has(key, fmt.Sprintf("whole number, %d to %d", low, high)) {
		return 0
	}
	n, ok := t.v[key].(int64)
	if !ok {
		t.bad(key, fmt.Sprintf("a whole number from %d to %d", low, high))
		return 0
	}
	if n < low || n > high {
		t.badValue(key, "", "is %d; want %d to %d", n, low, high)
		return 0
	}
	return int(n)
}

func (t *table) duration(key string) time.Duration {
	if !t.has(key, "duration") {
		return 0
	}
	s, ok := t.v[key].(string)
	if !ok {
		t.bad(key, `a duration like "30m"`)
		return 0
	}
	d, err := parseDuration(s)
	if err != nil {
		t.badValue(key, "", "%v", err)
	}
	return d
}

func (t *table) enum(key string, allowed ...string) string {
	if !t.has(key, strings.Join(allowed, " | ")) {
		return ""
	}
	s, ok := t.v[key].(string)
	if !ok {
		t.bad(key, "one of "+strings.Join(allowed, ", "))
		return ""
	}
	for _, a := range allowed {
		if s == a {
			return s
		}
	}
	t.badValue(key, diag.Suggest(s, allowed), "is %q; want one of %s", clip(s), strings.Join(allowed, ", "))
	return ""
}

func (t *table) strs(key string) []string {
	if !t.has(key, "list of strings") {
		return nil
	}
	list, ok := t.v[key].([]any)
	if !ok {
		t.bad(key, "a list of strings")
		return nil
	}
	out := make([]string, 0, len(list))
	seen := map[string]bool{}
	for i, e := range list {
		s, ok := e.(string)
		at := t.elemAt(key, i)
		switch {
		case !ok:
			t.d.add(diag.Error, "bad-type", at, "", "%s wants strings, not %s", t.label(key), describe(e))
		case strings.TrimSpace(s) == "":
			t.d.add(diag.Error, "bad-value", at, "", "%s: an entry is empty", t.label(key))
		case seen[s]:
			t.d.add(diag.Warning, "duplicate-entry", at, "", "%s: %q stands here twice", t.label(key), clip(s))
		default:
			seen[s] = true
			out = append(out, s)
			continue
		}
	}
	return out
}

// elemAt is the place of element i of the list under key.
func (t *table) elemAt(key string, i int) Pos {
	if e := t.n.kid(key).elem(i); e != nil {
		return t.d.lines.pos(e.val)
	}
	return t.valueAt(key)
}

// sub enters a table; the result is empty, never nil, where it is missing.
func (t *table) sub(key string) *table {
	out := &table{d: t.d, path: t.full(key), n: t.n.kid(key)}
	if !t.has(key, "table") {
		return out
	}
	m, ok := t.v[key].(map[string]any)
	if !ok {
		t.bad(key, "a table")
		return out
	}
	out.v = m
	return out
}

// tables enters an array of tables.
func (t *table) tables(key string) []*table {
	if !t.has(key, "tables") {
		return nil
	}
	var maps []map[string]any
	switch x := t.v[key].(type) {
	case []map[string]any:
		maps = x
	case []any:
		for _, e := range x {
			m, ok := e.(map[string]any)
			if !ok {
				t.bad(key, "tables, written as [["+key+"]]")
				return nil
			}
			maps = append(maps, m)
		}
	default:
		t.bad(key, "tables, written as [["+key+"]]")
		return nil
	}
	out := make([]*table, len(maps))
	for i, m := range maps {
		out[i] = &table{d: t.d, path: fmt.Sprintf("%s[%d]", t.full(key), i), v: m, n: t.n.kid(key).elem(i)}
		t.d.places[out[i].path] = out[i].here()
		t.d.values[out[i].path] = out[i].here()
	}
	return out
}

// done reports every key that no getter asked for.
func (t *table) done() {
	for _, key := range t.keys() {
		if slices.Contains(t.known, key) {
			continue
		}
		if why, ok := t.also[key]; ok {
			t.d.add(diag.Error, "refused-key", t.at(key), "", "%s", why)
			continue
		}
		if lower := strings.ToLower(key); lower != key && slices.Contains(t.known, lower) {
			t.d.add(diag.Error, "key-case", t.at(key), lower, "%s: keys are written in lower case", t.label(key))
			continue
		}
		where := "at the top of the file"
		if t.path != "" {
			where = "in " + schemaTable(t.path)
		}
		t.d.add(diag.Error, "unknown-key", t.at(key), diag.Suggest(key, t.known), "unknown key %q %s", clip(key), where)
	}
}

// keys are the table's keys in file order.
func (t *table) keys() []string {
	if t.n != nil && len(t.n.order) == len(t.v) {
		return t.n.order
	}
	out := make([]string, 0, len(t.v))
	for k := range t.v {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
