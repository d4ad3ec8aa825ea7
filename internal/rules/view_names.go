package rules

import (
	"reflect"
	"strings"
	"sync"

	"ctpipe/pipeline"
)

// viewTypes are the structs that expressions can see, by their Go name.
var viewTypes = sync.OnceValue(func() map[string]reflect.Type {
	out := map[string]reflect.Type{}
	var add func(reflect.Type)
	add = func(rt reflect.Type) {
		for rt.Kind() == reflect.Slice || rt.Kind() == reflect.Pointer {
			rt = rt.Elem()
		}
		if rt.Kind() != reflect.Struct || out[rt.String()] != nil {
			return
		}
		out[rt.String()] = rt
		for i := 0; i < rt.NumField(); i++ {
			add(rt.Field(i).Type)
		}
	}
	for _, env := range environments {
		add(reflect.TypeOf(env))
	}
	return out
})

func viewFields(goName string) []string {
	if rt := viewTypes()[strings.TrimLeft(goName, "*[]")]; rt != nil {
		return fieldsOf(rt)
	}
	return nil
}

// fieldElsewhere finds the fact of a kind that has a field of this name, if
// only one has: session.branch for thread.branch.
func fieldElsewhere(kind pipeline.Kind, field string) string {
	found := ""
	for _, n := range Names(kind) {
		base, last, ok := cutLast(n.Path)
		if !ok || last != field || strings.Contains(base, ".") || found == n.Path {
			continue
		}
		if found != "" {
			return ""
		}
		found = n.Path
	}
	return found
}

func cutLast(path string) (base, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// Name is one name that expressions of a kind may use.
type Name struct {
	Path string // "tool.commands[].prog"
	Type string // "string", "list of strings", "number", …
}

// Names lists every name of a kind's environment in document order, fields of
// list elements written with [].
func Names(kind pipeline.Kind) []Name {
	var out []Name
	var add func(prefix string, rt reflect.Type)
	add = func(prefix string, rt reflect.Type) {
		for i := 0; i < rt.NumField(); i++ {
			f := rt.Field(i)
			if f.Anonymous {
				add(prefix, f.Type)
				continue
			}
			name := f.Tag.Get("expr")
			if name == "" || strings.HasPrefix(name, "__") {
				continue
			}
			elem, path := f.Type, prefix+name
			if elem.Kind() == reflect.Slice && elem.Elem().Kind() == reflect.Pointer {
				out = append(out, Name{path, "list"})
				add(path+"[].", elem.Elem().Elem())
				continue
			}
			if elem.Kind() == reflect.Struct {
				add(path+".", elem)
				continue
			}
			out = append(out, Name{path, typeWord(elem)})
		}
	}
	add("", reflect.TypeOf(environments[kind]))
	return out
}

func typeWord(rt reflect.Type) string {
	switch rt.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "list of strings"
	case reflect.Map:
		return "untyped table"
	}
	return "number"
}
