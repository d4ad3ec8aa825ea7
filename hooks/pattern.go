package hooks

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// pattern is a Lua pattern translated to RE2, which cannot run away: its time
// is linear in the text. Both take the leftmost match and, of those, the one
// that backtracking would find first, so the matches are the same.
type pattern struct {
	re       *regexp.Regexp
	anchored bool   // began with ^: matches only where the search starts
	position []bool // per capture: it is (), which gives a position
	size     int    // of the program, for the work budget
}

// maxPattern is the length of a Lua pattern or regular expression, in bytes.
const maxPattern = 1 << 10

// translate turns a Lua pattern into a pattern over the bytes of the subject,
// each byte seen as the code point of its value.
func translate(p string) (*pattern, error) {
	if len(p) > maxPattern {
		return nil, fmt.Errorf("pattern of %d bytes; at most %d", len(p), maxPattern)
	}
	t := &translator{src: p}
	t.out.WriteString("(?s)")
	if strings.HasPrefix(p, "^") {
		t.anchored, t.at = true, 1
		t.out.WriteString(`\A`)
	}
	if err := t.sequence(); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", p, err)
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", p, err)
	}
	return &pattern{re: re, anchored: t.anchored, position: t.position, size: 2*len(p) + 8}, nil
}

type translator struct {
	src      string
	at       int
	open     int // captures not yet closed
	out      strings.Builder
	anchored bool
	position []bool
}

func (t *translator) sequence() error {
	for t.at < len(t.src) {
		c := t.src[t.at]
		switch {
		case c == '(':
			t.capture()
		case c == ')':
			if t.open == 0 {
				return fmt.Errorf("unexpected ) at %d", t.at+1)
			}
			t.open--
			t.at++
			t.out.WriteByte(')')
		case c == '$' && t.at == len(t.src)-1:
			t.at++
			t.out.WriteString(`\z`)
		default:
			if err := t.item(); err != nil {
				return err
			}
		}
	}
	if t.open > 0 {
		return fmt.Errorf("unfinished capture: a ) is missing")
	}
	return nil
}

func (t *translator) capture() {
	t.at++
	if t.at < len(t.src) && t.src[t.at] == ')' {
		t.at++
		t.position = append(t.position, true)
		t.out.WriteString("()")
		return
	}
	t.position = append(t.position, false)
	t.open++
	t.out.WriteByte('(')
}

// item reads one character class and the repetition behind it.
func (t *translator) item() error {
	set, err := t.class()
	if err != nil {
		return err
	}
	t.out.WriteString(set.String())
	if t.at < len(t.src) {
		switch t.src[t.at] {
		case '*', '+', '?':
			t.out.WriteByte(t.src[t.at])
			t.at++
		case '-':
			t.out.WriteString("*?")
			t.at++
		}
	}
	return nil
}

func (t *translator) class() (byteSet, error) {
	c := t.src[t.at]
	t.at++
	switch c {
	case '.':
		return classOf(func(byte) bool { return true }), nil
	case '%':
		return t.escape()
	case '[':
		return t.set()
	}
	return only(c), nil
}

func (t *translator) escape() (byteSet, error) {
	if t.at >= len(t.src) {
		return byteSet{}, fmt.Errorf("ends with %%")
	}
	c := t.src[t.at]
	t.at++
	switch {
	case c == 'b' || c == 'f':
		return byteSet{}, fmt.Errorf("%%%c is not supported in hooks; use ct.match, which takes RE2 expressions", c)
	case '0' <= c && c <= '9':
		return byteSet{}, fmt.Errorf("back-reference %%%c is not supported in hooks; use ct.match and compare its captures", c)
	}
	return named(c), nil
}

// set reads a [set] whose [ has been read.
func (t *translator) set() (byteSet, error) {
	var set byteSet
	not := false
	if t.at < len(t.src) && t.src[t.at] == '^' {
		not = true
		t.at++
	}
	for first := true; ; first = false {
		if t.at >= len(t.src) {
			return set, fmt.Errorf("unfinished set: a ] is missing")
		}
		if t.src[t.at] == ']' && !first {
			t.at++
			break
		}
		if err := t.setItem(&set); err != nil {
			return set, err
		}
	}
	if not {
		set.invert()
	}
	return set, nil
}

func (t *translator) setItem(set *byteSet) error {
	c := t.src[t.at]
	t.at++
	rangeNext := t.at+1 < len(t.src) && t.src[t.at] == '-' && t.src[t.at+1] != ']'
	if c == '%' {
		if t.at >= len(t.src) {
			return fmt.Errorf("unfinished set: a ] is missing")
		}
		escaped := t.src[t.at]
		t.at++
		if t.at+1 < len(t.src) && t.src[t.at] == '-' && t.src[t.at+1] != ']' {
			return fmt.Errorf("a range from %%%c is not supported in hooks; use ct.match", escaped)
		}
		set.add(named(escaped))
		return nil
	}
	if !rangeNext {
		set.add(only(c))
		return nil
	}
	to := t.src[t.at+1]
	t.at += 2
	if to == '%' || to == '-' { // Lua's matchers differ here among themselves
		return fmt.Errorf("a range up to %c is not supported in hooks; use %%%c for the sign itself, or ct.match", to, to)
	}
	if t.at+1 < len(t.src) && t.src[t.at] == '-' && t.src[t.at+1] != ']' {
		return fmt.Errorf("the range %c-%c-%c is not supported in hooks; use ct.match", c, to, t.src[t.at+1])
	}
	for b := int(c); b <= int(to); b++ {
		set[b] = true
	}
	return nil
}

// patterns caches what was compiled, for one snapshot. Hooks that make patterns
// up as they go cannot make it grow.
type patterns struct {
	mu  sync.RWMutex
	lua map[string]*pattern
	re2 map[string]*pattern
}

const maxCached = 256

func (c *patterns) get(m *map[string]*pattern, src string, compile func(string) (*pattern, error)) (*pattern, error) {
	c.mu.RLock()
	p := (*m)[src]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	p, err := compile(src)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if *m == nil || len(*m) >= maxCached {
		*m = map[string]*pattern{}
	}
	(*m)[src] = p
	return p, nil
}
