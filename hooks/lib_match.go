package hooks

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// start is where a search begins: Lua's 1-based init, negative from the end.
func start(L *lua.LState, n int, text string) int {
	init := L.OptInt(n, 1)
	if init < 0 {
		init = max(len(text)+init, 0)
	} else if init > 0 {
		init--
	}
	return min(init, len(text))
}

// plainText reports whether find takes pat as it stands.
func plainText(pat string) bool { return !strings.ContainsAny(pat, "^$*+?.([%-") }

func stringFind(s *state, L *lua.LState) int {
	text, pat := L.CheckString(1), L.CheckString(2)
	from := start(L, 3, text)
	if lua.LVAsBool(L.Get(4)) || plainText(pat) {
		at := strings.Index(text[from:], pat)
		if at < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(from + at + 1))
		L.Push(lua.LNumber(from + at + len(pat)))
		return 2
	}
	f := s.search(L, &s.scratch, text, pat, from)
	if !f.next(s, L) {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(f.loc[0] + 1))
	L.Push(lua.LNumber(f.loc[1]))
	if len(f.p.position) == 0 {
		return 2
	}
	return 2 + f.captures(L)
}

func stringMatch(s *state, L *lua.LState) int {
	text, pat := L.CheckString(1), L.CheckString(2)
	f := s.search(L, &s.scratch, text, pat, start(L, 3, text))
	if !f.next(s, L) {
		L.Push(lua.LNil)
		return 1
	}
	return f.captures(L)
}

func stringGmatch(s *state, L *lua.LState) int {
	f := s.search(L, new(search), L.CheckString(1), L.CheckString(2), 0)
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if !f.next(s, L) {
			return 0
		}
		return f.captures(L)
	}))
	return 1
}

func stringGsub(s *state, L *lua.LState) int {
	text, pat := L.CheckString(1), L.CheckString(2)
	L.CheckTypes(3, lua.LTString, lua.LTNumber, lua.LTTable, lua.LTFunction)
	repl, limit := L.Get(3), -1
	if L.Get(4) != lua.LNil {
		limit = max(L.CheckInt(4), 0)
	}
	f := s.search(L, new(search), text, pat, 0)
	var b strings.Builder
	kept, n := 0, 0
	for n != limit && f.next(s, L) {
		n++
		lo, hi := f.loc[0], f.loc[1]
		with, ok := s.replacement(L, f, repl)
		if !ok {
			continue
		}
		s.longer(L, &b, lo-kept+len(with))
		b.WriteString(text[kept:lo])
		b.WriteString(with)
		kept = hi
	}
	s.longer(L, &b, len(text)-kept)
	b.WriteString(text[kept:])
	L.Push(lua.LString(b.String()))
	L.Push(lua.LNumber(n))
	return 2
}

// longer charges for n more bytes in the result of a gsub.
func (s *state) longer(L *lua.LState, b *strings.Builder, n int) {
	if b.Len()+n > maxString {
		L.RaiseError("gsub: the result would have more than %d bytes", maxString)
	}
	s.charge(L, 2*n) // growing copies
}

// replacement is what gsub puts in place of the last match; not ok: keep it.
func (s *state) replacement(L *lua.LState, f *search, repl lua.LValue) (string, bool) {
	var v lua.LValue
	switch r := repl.(type) {
	case *lua.LTable:
		v = L.GetTable(r, f.value(min(1, len(f.p.position))))
	case *lua.LFunction:
		L.Push(r)
		L.Call(f.captures(L), 1)
		v = L.Get(-1)
		L.Pop(1)
	default:
		return expand(L, f, lua.LVAsString(repl)), true
	}
	if !lua.LVAsBool(v) {
		return "", false
	}
	if !lua.LVCanConvToString(v) {
		L.RaiseError("gsub: invalid replacement value (a %s)", v.Type().String())
	}
	return lua.LVAsString(v), true
}

// expand fills %0 to %9 and %% into a replacement string.
func expand(L *lua.LState, f *search, repl string) string {
	if strings.IndexByte(repl, '%') < 0 {
		return repl
	}
	var b strings.Builder
	for i := 0; i < len(repl); i++ {
		if repl[i] != '%' || i+1 == len(repl) {
			b.WriteByte(repl[i])
			continue
		}
		i++
		c := repl[i]
		if c < '0' || c > '9' {
			b.WriteByte(c)
			continue
		}
		n := int(c - '0')
		if n == 1 && len(f.p.position) == 0 {
			n = 0
		}
		if n > len(f.p.position) {
			L.RaiseError("gsub: the pattern has no capture %%%d", n)
		}
		if b.Len() > maxString {
			L.RaiseError("gsub: the result would have more than %d bytes", maxString)
		}
		b.WriteString(lua.LVAsString(f.value(n)))
	}
	return b.String()
}
