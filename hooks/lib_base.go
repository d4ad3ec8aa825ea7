package hooks

import (
	lua "github.com/yuin/gopher-lua"
)

// baseOwn are functions of the base library that also know views, or that
// would otherwise get round the sandbox.
var baseOwn = map[string]function{
	"type": typeOf, "pairs": pairs, "ipairs": ipairs, "next": next, "unpack": unpack,
	"rawget": rawGet, "rawset": rawSet, "setmetatable": setMetatable,
}

// hidden are the calls that a rewritten chunk makes.
var hidden = map[string]function{
	callConcat: concat, callTable: chargeTable, callClosure: chargeClosure, callCharge: chargeStatement, callKey: chargeKey,
}

func typeOf(_ *state, L *lua.LState) int {
	v := L.CheckAny(1)
	if asView(v) != nil {
		L.Push(lua.LString("table"))
		return 1
	}
	L.Push(lua.LString(v.Type().String()))
	return 1
}

// pairs goes through a table in the order its keys were first set, through a
// list by index, through a struct in the order of its fields and through a map
// by name: always the same order for the same event.
func pairs(s *state, L *lua.LState) int {
	w := asView(L.CheckAny(1))
	if w == nil {
		L.Push(s.iter.next)
		L.Push(L.CheckTable(1))
		L.Push(lua.LNil)
		return 3
	}
	keys, i := w.keys(), 0
	s.charge(L, 16*len(keys))
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if i >= len(keys) {
			return 0
		}
		key := keys[i]
		i++
		L.Push(key)
		L.Push(s.index(L, w, key))
		return 2
	}))
	return 1
}

func ipairs(s *state, L *lua.LState) int {
	v := L.CheckAny(1)
	if asView(v) != nil {
		L.Push(s.iter.list)
	} else {
		L.CheckTable(1)
		L.Push(s.iter.array)
	}
	L.Push(v)
	L.Push(number(0))
	return 3
}

// small are the numbers that are needed all the time, as values made once.
var small = func() (out [256]lua.LValue) {
	for i := range out {
		out[i] = lua.LNumber(i)
	}
	return out
}()

func number(n int) lua.LValue {
	if n >= 0 && n < len(small) {
		return small[n]
	}
	return lua.LNumber(n)
}

func nextElement(s *state, L *lua.LState) int {
	i := L.CheckInt(2) + 1
	return element(L, i, asView(L.CheckAny(1)).at(s, i))
}

func nextItem(_ *state, L *lua.LState) int {
	i := L.CheckInt(2) + 1
	return element(L, i, L.CheckTable(1).RawGetInt(i))
}

// element gives a place in a list and what is there, or nothing behind its end.
func element(L *lua.LState, i int, v lua.LValue) int {
	if v == lua.LNil {
		return 0
	}
	L.Push(number(i))
	L.Push(v)
	return 2
}

func next(_ *state, L *lua.LState) int {
	if asView(L.CheckAny(1)) != nil {
		L.RaiseError("next does not work on the event: use pairs")
	}
	var after lua.LValue = lua.LNil
	if L.GetTop() >= 2 {
		after = L.Get(2)
	}
	k, v := L.CheckTable(1).Next(after)
	L.Push(k)
	if k == lua.LNil {
		return 1
	}
	L.Push(v)
	return 2
}

func unpack(s *state, L *lua.LState) int {
	w := asView(L.CheckAny(1))
	var n int
	if w != nil {
		n = w.len()
	} else {
		n = L.CheckTable(1).Len()
	}
	from, to := L.OptInt(2, 1), L.OptInt(3, n)
	if to-from >= 1000 {
		L.RaiseError("unpack: %d values; at most 1000", to-from+1)
	}
	for i := from; i <= to; i++ {
		if w != nil {
			L.Push(w.at(s, i))
		} else {
			L.Push(L.CheckTable(1).RawGetInt(i))
		}
	}
	return max(0, to-from+1)
}

func rawGet(s *state, L *lua.LState) int {
	if w := asView(L.CheckAny(1)); w != nil {
		L.Push(s.index(L, w, L.CheckAny(2)))
		return 1
	}
	L.Push(L.RawGet(L.CheckTable(1), L.CheckAny(2)))
	return 1
}

func rawSet(s *state, L *lua.LState) int {
	t, key := L.CheckTable(1), L.CheckAny(2)
	writable(L, t)
	s.chargeKey(L, t, key)
	L.RawSet(t, key, L.CheckAny(3))
	L.SetTop(1)
	return 1
}

func setMetatable(_ *state, L *lua.LState) int {
	t := L.CheckTable(1)
	writable(L, t)
	switch mt := L.CheckAny(2).(type) {
	case *lua.LTable:
		t.Metatable = mt
	case *lua.LNilType:
		t.Metatable = lua.LNil
	default:
		L.ArgError(2, "nil or table expected")
	}
	L.SetTop(1)
	return 1
}

func writable(L *lua.LState, t *lua.LTable) {
	if protected(t) {
		L.RaiseError("this table is read-only")
	}
}

func viewIndex(s *state, L *lua.LState) int {
	L.Push(s.index(L, asView(L.CheckAny(1)), L.CheckAny(2)))
	return 1
}

func viewLen(_ *state, L *lua.LState) int {
	L.Push(number(asView(L.CheckAny(1)).len()))
	return 1
}

func viewString(_ *state, L *lua.LState) int {
	path := asView(L.CheckAny(1)).path()
	if path == "" {
		path = "event"
	}
	L.Push(lua.LString("table: " + path))
	return 1
}

func viewWrite(_ *state, L *lua.LState) int {
	path := asView(L.CheckAny(1)).path()
	if path == "" {
		path = "the event"
	}
	L.RaiseError("%s is read-only: cannot set %q; ct.copy gives a table of your own", path, L.Get(2).String())
	return 0
}
