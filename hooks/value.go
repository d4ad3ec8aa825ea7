package hooks

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const maxDepth = 32 // of a nested value

// lower turns a Lua value, or a part of the event, into plain Go: nil, bool,
// float64, string, []any, map[string]any. Whatever comes of it can be written
// as JSON and read back the same, since it may be journalled.
func (s *state) lower(L *lua.LState, v lua.LValue, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	s.charge(L, costItem)
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		if n := float64(v); math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, fmt.Errorf("%s is no finite number", v.String())
		}
		return float64(v), nil
	case lua.LString:
		return strings.ToValidUTF8(string(v), "\uFFFD"), nil
	case *lua.LTable:
		return s.lowerTable(L, v, depth)
	case *lua.LUserData:
		if w := asView(v); w != nil {
			return s.lowerView(L, w, depth)
		}
	}
	return nil, fmt.Errorf("a %s cannot be stored or sent", v.Type().String())
}

func (s *state) lowerTable(L *lua.LState, t *lua.LTable, depth int) (any, error) {
	if n := t.Len(); n > 0 {
		list := make([]any, 0, n)
		var err error
		t.ForEach(func(k, v lua.LValue) {
			if i, ok := k.(lua.LNumber); err == nil && (!ok || int(i) != len(list)+1) {
				err = fmt.Errorf("a table is either a list without holes or has only names as keys")
			}
			if err == nil {
				var item any
				item, err = s.lower(L, v, depth+1)
				list = append(list, item)
			}
		})
		return list, err
	}
	out := map[string]any{}
	var err error
	t.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		if err == nil && !ok {
			err = fmt.Errorf("key %s is not a string", k.String())
		}
		if err == nil {
			s.charge(L, costField)
			out[strings.ToValidUTF8(string(name), "\uFFFD")], err = s.lower(L, v, depth+1)
		}
	})
	return out, err
}

func (s *state) lowerView(L *lua.LState, w *view, depth int) (any, error) {
	if w.v.Kind() == reflect.Slice {
		list := make([]any, 0, w.v.Len())
		for i := range w.v.Len() {
			item, err := s.lower(L, w.at(s, i+1), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	}
	out := map[string]any{}
	for _, k := range w.keys() {
		s.charge(L, costField)
		v, err := s.lower(L, s.index(L, w, k), depth+1)
		if err != nil {
			return nil, err
		}
		out[k.String()] = v
	}
	return out, nil
}

// raise turns plain Go into a Lua value of the script's own.
func (s *state) raise(L *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		s.charge(L, costTable+costItem*len(v))
		t := L.CreateTable(len(v), 0)
		for _, item := range v {
			t.Append(s.raise(L, item))
		}
		return t
	case map[string]any:
		s.charge(L, costTable+costField*len(v))
		t := L.CreateTable(0, len(v))
		for _, name := range keys(v) {
			t.RawSetString(name, s.raise(L, v[name]))
		}
		return t
	}
	return lua.LNil
}
