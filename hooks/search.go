package hooks

import (
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

// subject is a text being searched with a Lua pattern. Lua sees bytes, RE2 sees
// code points: text beyond ASCII is searched as if each byte were a code point,
// and places are counted back.
type subject struct {
	bytes string
	text  string // bytes itself if it is ASCII
	ascii bool
}

func newSubject(s string) subject {
	high := 0
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			high++
		}
	}
	if high == 0 {
		return subject{bytes: s, text: s, ascii: true}
	}
	var b strings.Builder
	b.Grow(len(s) + high)
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return subject{bytes: s, text: b.String()}
}

// search walks through the matches of a pattern in a subject.
type search struct {
	subject
	p    *pattern
	at   int // next place to try, in bytes
	tat  int // the same in text
	done bool
	loc  []int // of the last match, in bytes
}

// search begins a search in f, which may be the state's scratch where no Lua
// code runs before the search is over.
func (s *state) search(L *lua.LState, f *search, text, pat string, from int) *search {
	p, err := s.hook.patterns.get(&s.hook.patterns.lua, pat, translate)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	sub := newSubject(text)
	if !sub.ascii {
		s.charge(L, len(sub.text))
	}
	*f = search{subject: sub, p: p}
	f.skip(from)
	return f
}

// skip moves the place to try next to byte to.
func (f *search) skip(to int) {
	if f.ascii {
		f.at, f.tat = to, to
		return
	}
	for ; f.at < to; f.at++ {
		f.tat += width(f.bytes[f.at])
	}
}

func width(c byte) int {
	if c < utf8.RuneSelf {
		return 1
	}
	return 2
}

// next finds the next match and reports whether there is one. Its places are in
// loc; the capture i stands at loc[2i], loc[2i+1].
func (f *search) next(s *state, L *lua.LState) bool {
	if f.done || f.at > len(f.bytes) {
		return false
	}
	rest := f.text[f.tat:]
	if f.p.size*len(rest) > s.call.work { // what one search may take at worst
		s.work(L, f.p.size*len(rest))
	}
	loc := f.p.re.FindStringSubmatchIndex(rest)
	if loc == nil {
		f.done = true
		s.work(L, f.p.size*(len(rest)+1))
		return false
	}
	s.work(L, f.p.size*(loc[1]+1))
	f.loc = f.back(loc)
	f.done = f.p.anchored
	to := max(f.loc[1], f.loc[0]+1) // after an empty match, go on behind the next byte
	if to > len(f.bytes) {
		f.done = true
		return true
	}
	f.skip(to)
	return true
}

// back turns places in rest into places in bytes.
func (f *search) back(loc []int) []int {
	if f.ascii {
		for i := range loc {
			loc[i] += f.at
		}
		return loc
	}
	start := f.count(f.at, f.tat, f.tat+loc[0])
	base := f.tat + loc[0]
	out := make([]int, len(loc))
	for i, t := range loc {
		out[i] = f.count(start, base, f.tat+t)
	}
	return out
}

// count is the byte place of the text place to, counted from one known pair.
func (f *search) count(at, tat, to int) int {
	for tat < to {
		tat += width(f.bytes[at])
		at++
	}
	return at
}

// push pushes capture i of the last match; 0 is the whole match.
func (f *search) push(L *lua.LState, i int) { L.Push(f.value(i)) }

func (f *search) value(i int) lua.LValue {
	lo, hi := f.loc[2*i], f.loc[2*i+1]
	if i > 0 && f.p.position[i-1] {
		return lua.LNumber(lo + 1)
	}
	return lua.LString(f.bytes[lo:hi])
}

// captures pushes every capture, or the whole match where there are none.
func (f *search) captures(L *lua.LState) int {
	n := len(f.p.position)
	if n == 0 {
		f.push(L, 0)
		return 1
	}
	for i := 1; i <= n; i++ {
		f.push(L, i)
	}
	return n
}
