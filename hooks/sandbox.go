package hooks

import (
	"maps"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

func init() {
	// Above this an integer key goes into the hash part instead of filling the
	// array part up to it. The library offers no other place for it.
	lua.MaxArrayIndex = 1 << 20
}

// state is one Lua state with the sandbox in it. It serves one call at a time.
type state struct {
	L        *lua.LState
	hook     *hook
	call     *call // the one being served; its memory is gone after it
	viewMeta *lua.LTable
	iter     iterators
	scratch  search // of find and match
}

type iterators struct{ next, list, array *lua.LFunction }

// base lists what is kept of Lua's base library as it is.
var base = []string{"assert", "error", "pcall", "xpcall", "rawequal", "select", "tonumber", "tostring", "getmetatable"}

// removed says why a name that Lua programmers know is not here.
var removed = map[string]string{
	"print":               "use ct.log",
	"os":                  "time is ev.time; facts from outside belong in a stage",
	"io":                  "hooks read and write no files",
	"debug":               "it would open the sandbox",
	"coroutine":           "a hook answers in one go",
	"package":             "use require with a name inside scripts/",
	"dofile":              "use require with a name inside scripts/",
	"loadfile":            "use require with a name inside scripts/",
	"load":                "hooks run only what was read with the policy",
	"loadstring":          "hooks run only what was read with the policy",
	"module":              "return a table instead",
	"collectgarbage":      "memory is the host's business",
	"newproxy":            "it would open the sandbox",
	"getfenv":             "it would open the sandbox",
	"setfenv":             "it would open the sandbox",
	"_G":                  "globals are fixed",
	"channel":             "a hook answers in one go",
	"math.random":         "a hook must answer the same in a replay",
	"math.randomseed":     "a hook must answer the same in a replay",
	"string.dump":         "it would open the sandbox",
	"string.gfind":        "use string.gmatch",
	"table.getn":          "use #t",
	"table.foreach":       "use pairs",
	"table.foreachi":      "use ipairs",
	"string.pack":         "it is not part of Lua 5.1",
	"table.unpack":        "use unpack",
	"table.pack":          "use { ... }",
	"table.move":          "it is not part of Lua 5.1",
	"utf8":                "it is not part of Lua 5.1",
	"_VERSION":            "hooks are written in Lua 5.1",
	"_GOPHER_LUA_VERSION": "hooks are written in Lua 5.1",
}

// globals are the names a script may use without declaring them, and libraries
// their members, for the lint.
var (
	globals   = map[string]bool{}
	libraries = map[string]map[string]bool{}
)

func init() {
	for _, name := range slices.Concat(base, keys(baseOwn), []string{"require", "string", "table", "math", "ct"}) {
		globals[name] = true
	}
	for lib, functions := range map[string]map[string]function{
		"string": stringOwn, "table": tableOwn, "ct": ctOwn, "ct.json": jsonOwn, "ct.store": storeOwn,
	} {
		libraries[lib] = map[string]bool{}
		for name := range functions {
			libraries[lib][name] = true
		}
	}
	for _, name := range stringKept {
		libraries["string"][name] = true
	}
	libraries["table"]["remove"] = true
	libraries["ct"]["json"], libraries["ct"]["store"] = true, true
	libraries["math"] = map[string]bool{}
	for _, name := range mathKept {
		libraries["math"][name] = true
	}
}

// function is a Go function that a script may call.
type function func(s *state, L *lua.LState) int

var (
	stringKept = []string{"byte", "char", "len", "sub"}
	mathKept   = []string{"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod",
		"frexp", "huge", "ldexp", "log", "log10", "max", "min", "mod", "modf", "pi", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh"}
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// newState makes a sandbox for one hook. Nothing in it can be changed by a
// script, so it may serve call after call.
func newState(h *hook) *state {
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, MinimizeStackMemory: true, CallStackSize: 200,
		RegistrySize: 512, RegistryGrowStep: 1024, RegistryMaxSize: 16 << 10,
	})
	s := &state{L: L, hook: h}
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenString, lua.OpenTable, lua.OpenMath} {
		L.Push(L.NewFunction(open))
		L.Call(0, 0)
	}
	full := L.G.Global
	env := L.NewTable()
	for _, name := range base {
		env.RawSetString(name, full.RawGetString(name))
	}
	s.fill(env, baseOwn)
	s.fill(env, hidden)
	env.RawSetString("require", L.NewFunction(s.require))

	str := s.library(full.RawGetString("string").(*lua.LTable), stringKept, stringOwn)
	L.SetMetatable(lua.LString(""), s.table(map[string]lua.LValue{"__index": str, "__metatable": lua.LString("read-only")}))
	env.RawSetString("string", s.protect("string", str))
	env.RawSetString("table", s.protect("table", s.library(full.RawGetString("table").(*lua.LTable), []string{"remove"}, tableOwn)))
	env.RawSetString("math", s.protect("math", s.library(full.RawGetString("math").(*lua.LTable), mathKept, nil)))
	env.RawSetString("ct", s.ct())
	s.iter = iterators{next: s.wrap(next), list: s.wrap(nextElement), array: s.wrap(nextItem)}
	s.viewMeta = s.table(map[string]lua.LValue{
		"__index": s.wrap(viewIndex), "__len": s.wrap(viewLen), "__tostring": s.wrap(viewString),
		"__newindex": s.wrap(viewWrite), "__metatable": lua.LString("read-only"),
	})
	s.strict(env)
	L.G.Global, L.Env = env, env
	return s
}

func (s *state) wrap(f function) *lua.LFunction {
	return s.L.NewFunction(func(L *lua.LState) int { return f(s, L) })
}

func (s *state) fill(t *lua.LTable, fs map[string]function) {
	for name, f := range fs {
		t.RawSetString(name, s.wrap(f))
	}
}

func (s *state) table(fields map[string]lua.LValue) *lua.LTable {
	t := s.L.CreateTable(0, len(fields))
	for _, name := range keys(fields) {
		t.RawSetString(name, fields[name])
	}
	return t
}

func (s *state) library(from *lua.LTable, kept []string, own map[string]function) *lua.LTable {
	t := s.L.CreateTable(0, len(kept)+len(own))
	for _, name := range kept {
		t.RawSetString(name, from.RawGetString(name))
	}
	s.fill(t, own)
	return t
}

// protect hides a library behind an empty table that cannot be written.
func (s *state) protect(name string, lib *lua.LTable) *lua.LTable {
	proxy := s.L.NewTable()
	proxy.Metatable = s.table(map[string]lua.LValue{
		"__index": lib, "__metatable": lua.LString("read-only"),
		"__newindex": s.L.NewFunction(func(L *lua.LState) int {
			L.RaiseError("%s is read-only: cannot set %q", name, L.Get(2).String())
			return 0
		}),
	})
	return proxy
}

// protected reports whether scripts may not write t.
func protected(t *lua.LTable) bool {
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt.RawGetString("__metatable") != lua.LNil
}

// strict makes undeclared globals errors at run time too. The lint finds them
// all before; this stands in case it ever does not.
func (s *state) strict(env *lua.LTable) {
	env.Metatable = s.table(map[string]lua.LValue{
		"__metatable": lua.LString("read-only"),
		"__index": s.L.NewFunction(func(L *lua.LState) int {
			L.RaiseError("undeclared name %q", L.Get(2).String())
			return 0
		}),
		"__newindex": s.L.NewFunction(func(L *lua.LState) int {
			L.RaiseError("assignment to undeclared global %q", L.Get(2).String())
			return 0
		}),
	})
}

// require runs a module's chunk, once per call.
func (s *state) require(L *lua.LState) int {
	name := L.CheckString(1)
	file, err := modulePath(s.hook.source.Name, name)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	if v, ok := s.call.modules[file]; ok {
		if v == nil {
			L.RaiseError("module %s requires itself", file)
		}
		L.Push(v)
		return 1
	}
	u := s.hook.modules[file]
	if u == nil {
		L.RaiseError("module %s was not read", file)
	}
	if s.call.modules == nil {
		s.call.modules = map[string]lua.LValue{}
	}
	s.call.modules[file] = nil
	L.Push(L.NewFunctionFromProto(u.proto))
	L.Call(0, 1)
	v := L.Get(-1)
	if v == lua.LNil {
		L.RaiseError("module %s returned nothing; return a table", file)
	}
	s.call.modules[file] = v
	return 1
}
