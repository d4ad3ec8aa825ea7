package rules

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
)

// fill decodes a table into a struct strictly, by the field names in tag. It
// serves the two places where the set of keys is a Go type: the events of
// [[test]] and the options of [stage.NAME].
func (t *table) fill(into reflect.Value, tag string, skip ...string) {
	for i := 0; i < into.NumField(); i++ {
		name, _, _ := strings.Cut(into.Type().Field(i).Tag.Get(tag), ",")
		if name == "" || name == "-" || slices.Contains(skip, name) {
			continue
		}
		if t.has(name, goType(into.Field(i).Type())) {
			t.set(into.Field(i), t.v[name], name, tag)
		}
	}
}

// OptionType is how documents name a type that Raw.Decode fills.
func OptionType(rt reflect.Type) string { return goType(rt) }

var durationType = reflect.TypeFor[time.Duration]()

func goType(rt reflect.Type) string {
	switch {
	case rt == durationType:
		return "duration"
	case rt.Kind() == reflect.String:
		return "string"
	case rt.Kind() == reflect.Bool:
		return "true or false"
	case rt.Kind() == reflect.Slice:
		return "list"
	case rt.Kind() == reflect.Struct, rt.Kind() == reflect.Map:
		return "table"
	}
	return "number"
}

func (t *table) set(into reflect.Value, v any, key, tag string) {
	kind := into.Kind()
	if into.Type() == durationType {
		into.SetInt(int64(t.duration(key)))
		return
	}
	switch x := v.(type) {
	case string:
		if kind == reflect.String {
			into.SetString(x)
			return
		}
	case bool:
		if kind == reflect.Bool {
			into.SetBool(x)
			return
		}
	case int64:
		switch {
		case into.CanInt() && !into.OverflowInt(x):
			into.SetInt(x)
			return
		case into.CanFloat():
			into.SetFloat(float64(x))
			return
		}
	case float64:
		if into.CanFloat() {
			into.SetFloat(x)
			return
		}
	case map[string]any:
		if kind == reflect.Struct {
			sub := &table{d: t.d, path: t.full(key), v: x, n: t.n.kid(key)}
			sub.fill(into, tag)
			sub.done()
			return
		}
		if kind == reflect.Map && into.Type().Elem().Kind() == reflect.Interface {
			into.Set(reflect.ValueOf(x))
			return
		}
	case []any, []map[string]any:
		if kind == reflect.Slice {
			t.setList(into, reflect.ValueOf(x), key, tag)
			return
		}
	}
	t.bad(key, article(goType(into.Type())))
}

func article(s string) string {
	if s == "true or false" {
		return s
	}
	return "a " + s
}

func (t *table) setList(into, list reflect.Value, key, tag string) {
	out := reflect.MakeSlice(into.Type(), list.Len(), list.Len())
	for i := 0; i < list.Len(); i++ {
		v, e := list.Index(i).Interface(), t.n.kid(key).elem(i)
		switch x := v.(type) {
		case string:
			if out.Index(i).Kind() == reflect.String {
				out.Index(i).SetString(x)
				continue
			}
		case map[string]any:
			if out.Index(i).Kind() == reflect.Struct {
				sub := &table{d: t.d, path: t.full(key), v: x, n: e}
				sub.fill(out.Index(i), tag)
				sub.done()
				continue
			}
		}
		t.d.add(diag.Error, "bad-type", t.elemAt(key, i), "", "%s: an entry is %s; want %s", t.label(key), describe(v), article(goType(into.Type().Elem())))
	}
	into.Set(out)
}

// Raw is a table whose keys another package knows: [stage.NAME].
type Raw struct {
	Name  string
	Pos   Pos
	file  string
	lines *lines
	v     map[string]any
	n     *node
}

// Decode reads the table strictly into the struct that into points to, by its
// toml tags: strings, booleans, numbers, time.Duration ("30s"), lists of
// strings and nested structs. Keys that the struct does not have are errors
// with their place. Fields that the table does not give keep their value.
func (r *Raw) Decode(into any) []diag.Finding {
	d := &decoder{name: r.file, lines: r.lines, places: map[string]Pos{}, values: map[string]Pos{}}
	t := &table{d: d, path: "stage." + r.Name, v: r.v, n: r.n}
	t.fill(reflect.ValueOf(into).Elem(), "toml")
	t.done()
	return d.out
}

func (d *decoder) stages(f *File, t *table) {
	f.Stages = map[string]*Raw{}
	for _, name := range t.keys() {
		sub := t.sub(name)
		if sub.v != nil {
			f.Stages[name] = &Raw{Name: name, Pos: t.at(name), file: d.name, lines: d.lines, v: sub.v, n: sub.n}
		}
	}
}
