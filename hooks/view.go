package hooks

import (
	"encoding/json"
	"reflect"
	"sort"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// shape is what a hook may read of a struct: its fields by JSON tag.
type shape struct {
	names  []string
	fields map[string]shapeField
}

type shapeField struct {
	index int
	elem  *shape // of a struct field; nil for scalars, lists and maps
}

func (s *shape) field(name string) (shapeField, bool) {
	f, ok := s.fields[name]
	return f, ok
}

var shapes sync.Map // reflect.Type → *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{fields: map[string]shapeField{}}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		sf := shapeField{index: i}
		if f.Type.Kind() == reflect.Struct {
			sf.elem = shapeOf(f.Type)
		}
		s.names = append(s.names, tag)
		s.fields[tag] = sf
	}
	shapes.Store(t, s)
	return s
}

func eventShape() *shape { return shapeOf(reflect.TypeFor[pipeline.Event]()) }

// view shows a struct, list or map of the event to Lua without copying it. To
// Lua it is a table that cannot be written. It converts one value at a time, so
// a hook pays for the fields it reads.
type view struct {
	ud     lua.LUserData
	v      reflect.Value
	parent *view  // for the path, which is built only when facts are unknown
	name   string // of this view in its parent; "" for list elements and the event
}

func (s *state) view(v reflect.Value, parent *view, name string) lua.LValue {
	w := &view{v: v, parent: parent, name: name}
	w.ud.Value = w
	w.ud.Metatable = s.viewMeta
	w.ud.Env = s.L.Env
	return &w.ud
}

func asView(v lua.LValue) *view {
	if ud, ok := v.(*lua.LUserData); ok {
		w, _ := ud.Value.(*view)
		return w
	}
	return nil
}

func (w *view) path() string {
	if w == nil {
		return ""
	}
	up := w.parent.path()
	switch {
	case w.name == "":
		return up
	case up == "":
		return w.name
	}
	return up + "." + w.name
}

// len counts what # counts: the elements of a list, 0 for anything else.
func (w *view) len() int {
	if w.v.Kind() == reflect.Slice {
		return w.v.Len()
	}
	return 0
}

// at is element i of a list, from 1; nil beyond its ends.
func (w *view) at(s *state, i int) lua.LValue {
	if i < 1 || i > w.len() {
		return lua.LNil
	}
	return s.lift(w.v.Index(i-1), w, "")
}

// lift shows a Go value of the event to Lua.
func (s *state) lift(v reflect.Value, parent *view, name string) lua.LValue {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			n, _ := json.Number(v.String()).Float64()
			return lua.LNumber(n)
		}
		return lua.LString(v.String())
	case reflect.Bool:
		return lua.LBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return lua.LNumber(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return lua.LNumber(v.Uint())
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(v.Float())
	case reflect.Interface:
		return s.lift(v.Elem(), parent, name)
	case reflect.Struct, reflect.Slice, reflect.Map:
		return s.view(v, parent, name)
	}
	return lua.LNil
}

// index is what view[key] gives. A field that a struct does not have is an
// error, and so is a fact that nobody could establish.
func (s *state) index(L *lua.LState, w *view, key lua.LValue) lua.LValue {
	switch w.v.Kind() {
	case reflect.Slice:
		if n, ok := key.(lua.LNumber); ok {
			return w.at(s, int(n))
		}
		return lua.LNil
	case reflect.Map:
		name, ok := key.(lua.LString)
		if !ok || w.v.Type().Key().Kind() != reflect.String {
			return lua.LNil
		}
		return s.lift(w.v.MapIndex(reflect.ValueOf(string(name)).Convert(w.v.Type().Key())), w, string(name))
	}
	name, _ := key.(lua.LString)
	sh := shapeOf(w.v.Type())
	f, ok := sh.field(string(name))
	if !ok {
		s.noField(L, w, key, sh)
	}
	if len(s.call.event.Unknown) > 0 {
		s.needKnown(L, w, string(name))
	}
	return s.lift(w.v.Field(f.index), w, string(name))
}

func (s *state) noField(L *lua.LState, w *view, key lua.LValue, sh *shape) {
	path := "the event"
	if p := w.path(); p != "" {
		path = p
	}
	if hint := diag.Suggest(key.String(), sh.names); hint != "" {
		L.RaiseError("%s has no field %q (did you mean %q?)", path, key.String(), hint)
	}
	L.RaiseError("%s has no field %q", path, key.String())
}

// needKnown raises an error if the field is a fact that nobody could establish.
// Hooks may look into ev.unknown first.
func (s *state) needKnown(L *lua.LState, w *view, name string) {
	path := name
	if up := w.path(); up != "" {
		path = up + "." + name
	}
	for _, u := range s.call.event.Unknown {
		if u == path || strings.HasPrefix(path, u+".") {
			s.call.unknown = u
			L.RaiseError("%s is unknown", u)
		}
	}
}

// keys lists what pairs goes through, in a fixed order.
func (w *view) keys() []lua.LValue {
	var out []lua.LValue
	switch w.v.Kind() {
	case reflect.Slice:
		for i := range w.v.Len() {
			out = append(out, lua.LNumber(i+1))
		}
	case reflect.Map:
		names := make([]string, 0, w.v.Len())
		for _, k := range w.v.MapKeys() {
			names = append(names, k.String())
		}
		sort.Strings(names)
		for _, n := range names {
			out = append(out, lua.LString(n))
		}
	case reflect.Struct:
		for _, n := range shapeOf(w.v.Type()).names {
			out = append(out, lua.LString(n))
		}
	}
	return out
}
