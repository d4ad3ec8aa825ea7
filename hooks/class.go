package hooks

import (
	"fmt"
	"strings"
)

// byteSet is a set of bytes.
type byteSet [256]bool

func only(c byte) (s byteSet) { s[c] = true; return s }

func classOf(in func(byte) bool) (s byteSet) {
	for i := range s {
		s[i] = in(byte(i))
	}
	return s
}

func (s *byteSet) add(other byteSet) {
	for i, in := range other {
		s[i] = s[i] || in
	}
}

func (s *byteSet) invert() {
	for i := range s {
		s[i] = !s[i]
	}
}

func between(c, lo, hi byte) bool { return lo <= c && c <= hi }

// classes are Lua's named classes; the capital letter is the complement. They
// know ASCII only, as in the C locale.
var classes = map[byte]func(c byte) bool{
	'a': func(c byte) bool { return between(c|0x20, 'a', 'z') && c < 0x80 },
	'c': func(c byte) bool { return c < 0x20 || c == 0x7f },
	'd': func(c byte) bool { return between(c, '0', '9') },
	'l': func(c byte) bool { return between(c, 'a', 'z') },
	'p': func(c byte) bool {
		return between(c, 0x21, 0x2f) || between(c, 0x3a, 0x40) || between(c, 0x5b, 0x60) || between(c, 0x7b, 0x7e)
	},
	's': func(c byte) bool { return c == ' ' || between(c, '\t', '\r') },
	'u': func(c byte) bool { return between(c, 'A', 'Z') },
	'w': func(c byte) bool { return between(c, '0', '9') || between(c|0x20, 'a', 'z') && c < 0x80 },
	'x': func(c byte) bool { return between(c, '0', '9') || between(c|0x20, 'a', 'f') && c < 0x80 },
	'z': func(c byte) bool { return c == 0 },
}

// named is the class %c, or c itself where there is no such class.
func named(c byte) byteSet {
	in, ok := classes[c|0x20]
	if !ok || !between(c|0x20, 'a', 'z') {
		return only(c)
	}
	s := classOf(in)
	if c < 'a' {
		s.invert()
	}
	return s
}

// String is the set as a class of RE2 over code points 0 to 255.
func (s byteSet) String() string {
	var b strings.Builder
	b.WriteByte('[')
	empty := true
	for lo := 0; lo < 256; lo++ {
		if !s[lo] {
			continue
		}
		hi := lo
		for hi < 255 && s[hi+1] {
			hi++
		}
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, lo, hi)
		lo, empty = hi, false
	}
	if empty { // RE2 has no empty class; the complement of everything is one
		return `[^\x{0}-\x{10FFFF}]`
	}
	b.WriteByte(']')
	return b.String()
}
