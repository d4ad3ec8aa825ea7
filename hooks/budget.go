package hooks

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// The limits of one call.
const (
	maxBytes  = 16 << 20 // what strings, tables and closures may add up to
	maxString = 1 << 20  // bytes of one string made by a hook
	maxWork   = 1 << 28  // searches: program size times bytes searched
)

// What things cost, in bytes, as measured on the library; never less than they
// take.
const (
	costTable   = 1536 // a table's first field makes room for 32
	costField   = 96
	costItem    = 16
	costClosure = 256
)

var (
	errBytes = errors.New("the call used up its 16 MiB of memory")
	errWork  = errors.New("the call searched too much text with too large a pattern")
)

// charge takes n bytes from the call's budget. Once the budget is gone the call
// has failed, even if the script catches the error.
func (s *state) charge(L *lua.LState, n int) {
	c := s.call
	c.bytes -= n
	if c.bytes < 0 || n < 0 {
		c.fatal = errBytes
		L.RaiseError("%s", errBytes.Error())
	}
}

// work takes n units from the call's work budget and looks at the deadline,
// which the VM does only between instructions.
func (s *state) work(L *lua.LState, n int) {
	c := s.call
	c.work -= n
	if c.work < 0 || n < 0 {
		c.fatal = errWork
		L.RaiseError("%s", errWork.Error())
	}
	s.alive(L)
}

// alive raises an error once the call is over its deadline.
func (s *state) alive(L *lua.LState) {
	if err := s.call.ctx.Err(); err != nil {
		L.RaiseError("%s", err.Error())
	}
}

// grow charges for a string of n bytes that is about to be made.
func (s *state) grow(L *lua.LState, what string, n int) {
	if n > maxString {
		L.RaiseError("%s: the result would have %d bytes; at most %d", what, n, maxString)
	}
	s.charge(L, n)
}

// concat is a .. b .. c.
func concat(s *state, L *lua.LState) int {
	total, top := 0, L.GetTop()
	for i := 1; i <= top; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			total += len(v)
		case lua.LNumber:
			total += 24
		default:
			return slowConcat(s, L)
		}
	}
	s.grow(L, "..", total)
	var b strings.Builder
	b.Grow(total)
	for i := 1; i <= top; i++ {
		b.WriteString(lua.LVAsString(L.Get(i)))
	}
	L.Push(lua.LString(b.String()))
	return 1
}

// slowConcat joins from the right, two at a time, asking metatables.
func slowConcat(s *state, L *lua.LState) int {
	rhs := L.Get(L.GetTop())
	for i := L.GetTop() - 1; i >= 1; i-- {
		lhs := L.Get(i)
		if lua.LVCanConvToString(lhs) && lua.LVCanConvToString(rhs) {
			a, b := lua.LVAsString(lhs), lua.LVAsString(rhs)
			s.grow(L, "..", len(a)+len(b))
			rhs = lua.LString(a + b)
			continue
		}
		op := L.GetMetaField(lhs, "__concat")
		if op == lua.LNil {
			op = L.GetMetaField(rhs, "__concat")
		}
		if op.Type() != lua.LTFunction {
			bad := lhs
			if lua.LVCanConvToString(lhs) {
				bad = rhs
			}
			L.RaiseError("attempt to concatenate a %s value", bad.Type().String())
		}
		L.Push(op)
		L.Push(lhs)
		L.Push(rhs)
		L.Call(2, 1)
		rhs = L.Get(-1)
		L.Pop(1)
	}
	L.Push(rhs)
	return 1
}

func chargeTable(s *state, L *lua.LState) int {
	s.charge(L, costTable+costItem*L.CheckTable(1).Len())
	return 1
}

func chargeClosure(s *state, L *lua.LState) int {
	s.charge(L, costClosure)
	return 1
}

func chargeStatement(s *state, L *lua.LState) int {
	s.charge(L, costClosure)
	return 0
}

// chargeKey stands where a computed key is assigned: key, and the table where
// it could be named twice. It gives the key back.
func chargeKey(s *state, L *lua.LState) int {
	key := L.Get(1)
	if L.GetTop() > 1 {
		if t, ok := L.Get(2).(*lua.LTable); ok {
			s.chargeKey(L, t, key)
		}
	} else if n, ok := key.(lua.LNumber); ok && n > 64 && n < lua.LNumber(lua.MaxArrayIndex) {
		s.charge(L, costItem*int(n)) // it may fill an array up to here
	} else {
		s.charge(L, costField)
	}
	L.SetTop(1)
	return 1
}

// chargeKey charges for what assigning t[key] makes the table grow by.
func (s *state) chargeKey(L *lua.LState, t *lua.LTable, key lua.LValue) {
	n, isNumber := key.(lua.LNumber)
	if !isNumber {
		if t.RawGet(key) == lua.LNil {
			s.charge(L, costField)
		}
		return
	}
	if !(n >= 1 && n < lua.LNumber(lua.MaxArrayIndex)) {
		if t.RawGet(key) == lua.LNil {
			s.charge(L, costField)
		}
		return
	}
	if have := t.MaxN(); int(n) > have {
		s.charge(L, 2*costItem*(int(n)-have)) // growing copies
	}
}
