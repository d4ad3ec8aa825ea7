package hooks

import (
	"fmt"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// stringOwn and tableOwn replace the functions of Lua's libraries that can take
// memory or time without a limit.
var (
	stringOwn = map[string]function{
		"find": stringFind, "match": stringMatch, "gmatch": stringGmatch, "gsub": stringGsub,
		"rep": stringRep, "format": stringFormat, "lower": stringLower, "upper": stringUpper, "reverse": stringReverse,
	}
	tableOwn = map[string]function{"concat": tableConcat, "insert": tableInsert, "sort": tableSort, "maxn": tableMaxn}
)

func stringRep(s *state, L *lua.LState) int {
	text, n := L.CheckString(1), L.CheckInt(2)
	if n <= 0 || text == "" {
		L.Push(lua.LString(""))
		return 1
	}
	if n > maxString/len(text) {
		L.RaiseError("rep: the result would have more than %d bytes", maxString)
	}
	s.grow(L, "rep", n*len(text))
	L.Push(lua.LString(strings.Repeat(text, n)))
	return 1
}

func stringLower(s *state, L *lua.LState) int { return remake(s, L, strings.ToLower) }
func stringUpper(s *state, L *lua.LState) int { return remake(s, L, strings.ToUpper) }

func stringReverse(s *state, L *lua.LState) int {
	return remake(s, L, func(text string) string {
		out := make([]byte, len(text))
		for i := range len(text) {
			out[len(text)-1-i] = text[i]
		}
		return string(out)
	})
}

func remake(s *state, L *lua.LState, f func(string) string) int {
	text := L.CheckString(1)
	s.charge(L, 2*len(text))
	L.Push(lua.LString(f(text)))
	return 1
}

func stringFormat(s *state, L *lua.LState) int {
	format := L.CheckString(1)
	var b strings.Builder
	arg := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		end := i + 1
		for end < len(format) && strings.IndexByte("-+ #0123456789.", format[end]) >= 0 {
			end++
		}
		if end == len(format) {
			L.RaiseError("format: %q ends in the middle of a conversion", format)
		}
		spec, verb := format[i:end], format[end]
		i = end
		if verb == '%' {
			b.WriteByte('%')
			continue
		}
		arg++
		piece := formatOne(L, spec, verb, arg)
		if b.Len()+len(piece) > maxString {
			L.RaiseError("format: the result would have more than %d bytes", maxString)
		}
		b.WriteString(piece)
	}
	s.grow(L, "format", b.Len())
	L.Push(lua.LString(b.String()))
	return 1
}

// formatOne formats argument n. As in C Lua, width and precision have at most
// two digits.
func formatOne(L *lua.LState, spec string, verb byte, n int) string {
	digits := 0
	for _, c := range spec {
		if c < '0' || c > '9' {
			digits = 0
		} else if digits++; digits > 2 {
			L.RaiseError("format: width or precision too long in %q", spec+string(verb))
		}
	}
	switch verb {
	case 'd', 'i':
		return fmt.Sprintf(spec+"d", int64(L.CheckNumber(n)))
	case 'u':
		return fmt.Sprintf(spec+"d", uint64(int64(L.CheckNumber(n))))
	case 'c':
		return string([]byte{byte(L.CheckInt(n))})
	case 'x', 'X', 'o':
		return fmt.Sprintf(spec+string(verb), uint64(int64(L.CheckNumber(n))))
	case 'e', 'E', 'f', 'g', 'G':
		return fmt.Sprintf(spec+string(verb), float64(L.CheckNumber(n)))
	case 's':
		return fmt.Sprintf(spec+"s", L.ToStringMeta(L.CheckAny(n)).String())
	case 'q':
		return quote(L.CheckString(n))
	}
	L.RaiseError("format: unknown conversion %%%c (want one of cdeEfgGioqsuxX)", verb)
	return ""
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "\\\n", "\r", `\r`, "\x00", `\000`)

// quote writes a string as Lua source.
func quote(text string) string { return `"` + quoter.Replace(text) + `"` }

// tableConcat also takes lists of the event.
func tableConcat(s *state, L *lua.LState) int {
	w := asView(L.CheckAny(1))
	item, n := func(i int) lua.LValue { return w.at(s, i) }, 0
	if w != nil {
		n = w.len()
	} else {
		t := L.CheckTable(1)
		item, n = t.RawGetInt, t.Len()
	}
	sep, from, to := L.OptString(2, ""), L.OptInt(3, 1), L.OptInt(4, n)
	var b strings.Builder
	for i := from; i <= to; i++ {
		v := item(i)
		if !lua.LVCanConvToString(v) {
			L.RaiseError("concat: item %d is a %s, not a string or number", i, v.Type().String())
		}
		if i > from {
			b.WriteString(sep)
		}
		text := lua.LVAsString(v)
		if b.Len()+len(text)+len(sep) > maxString {
			L.RaiseError("concat: the result would have more than %d bytes", maxString)
		}
		b.WriteString(text)
	}
	s.grow(L, "concat", 2*b.Len())
	L.Push(lua.LString(b.String()))
	return 1
}

func tableInsert(s *state, L *lua.LState) int {
	t := L.CheckTable(1)
	writable(L, t)
	switch L.GetTop() {
	case 2:
		s.charge(L, 2*costItem)
		t.Append(L.CheckAny(2))
	case 3:
		at := L.CheckInt(2)
		s.chargeKey(L, t, lua.LNumber(at))
		s.charge(L, 2*costItem)
		s.work(L, max(t.MaxN()-at, 0)+1) // it moves what stands behind
		t.Insert(at, L.CheckAny(3))
	default:
		L.RaiseError("insert: want (table, value) or (table, position, value)")
	}
	return 0
}

func tableMaxn(_ *state, L *lua.LState) int {
	L.Push(lua.LNumber(L.CheckTable(1).MaxN()))
	return 1
}

// sorter sorts a copy, so that a comparison that changes the table or fails
// leaves it whole.
type sorter struct {
	s      *state
	L      *lua.LState
	less   lua.LValue
	values []lua.LValue
	n      int
}

func (o *sorter) Len() int      { return len(o.values) }
func (o *sorter) Swap(i, j int) { o.values[i], o.values[j] = o.values[j], o.values[i] }

func (o *sorter) Less(i, j int) bool {
	if o.n++; o.n%1024 == 0 {
		o.s.alive(o.L)
	}
	a, b := o.values[i], o.values[j]
	if o.less == lua.LNil {
		return o.L.LessThan(a, b)
	}
	o.L.Push(o.less)
	o.L.Push(a)
	o.L.Push(b)
	o.L.Call(2, 1)
	defer o.L.Pop(1)
	return lua.LVAsBool(o.L.Get(-1))
}

func tableSort(s *state, L *lua.LState) int {
	t := L.CheckTable(1)
	writable(L, t)
	o := &sorter{s: s, L: L, less: lua.LNil}
	if L.GetTop() > 1 {
		o.less = L.CheckFunction(2)
	}
	n := t.Len()
	s.charge(L, costItem*n)
	o.values = make([]lua.LValue, n)
	for i := range o.values {
		o.values[i] = t.RawGetInt(i + 1)
	}
	sort.Sort(o)
	for i, v := range o.values {
		t.RawSetInt(i+1, v)
	}
	return 0
}
