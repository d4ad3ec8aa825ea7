package hooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

var jsonOwn = map[string]function{"encode": jsonEncode, "decode": jsonDecode}

var zones sync.Map // name → *time.Location; only names that exist are kept

func location(zone string) (*time.Location, error) {
	if l, ok := zones.Load(zone); ok {
		return l.(*time.Location), nil
	}
	l, err := time.LoadLocation(zone)
	if err == nil {
		zones.Store(zone, l)
	}
	return l, err
}

// ctWithin takes ev.time, or Unix seconds.
func ctWithin(_ *state, L *lua.LState) int {
	var unix int64
	if w := asView(L.CheckAny(1)); w != nil {
		f, ok := shapeOf(w.v.Type()).field("unix")
		if !ok {
			L.ArgError(1, "want ev.time or Unix seconds")
		}
		unix = w.v.Field(f.index).Int()
	} else {
		unix = int64(L.CheckNumber(1))
	}
	in, err := within(unix, L.CheckString(2), L.CheckString(3))
	if err != nil {
		L.RaiseError("ct.within: %s", err.Error())
	}
	L.Push(lua.LBool(in))
	return 1
}

// regex gives a compiled RE2 expression, from the snapshot's cache.
func (s *state) regex(L *lua.LState, what, src string) *pattern {
	p, err := s.hook.patterns.get(&s.hook.patterns.re2, src, compileRE2)
	if err != nil {
		L.RaiseError("%s: %s", what, err.Error())
	}
	return p
}

func compileRE2(src string) (*pattern, error) {
	if len(src) > maxPattern {
		return nil, fmt.Errorf("expression of %d bytes; at most %d", len(src), maxPattern)
	}
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, err
	}
	return &pattern{re: re, size: len(prog.Inst)}, nil
}

// ctMatch gives the captures of the first match, or the match where the
// expression has none, or nil. A capture that took no part is nil.
func ctMatch(s *state, L *lua.LState) int {
	src, text := L.CheckString(1), L.CheckString(2)
	p := s.regex(L, "ct.match", src)
	s.work(L, p.size*(len(text)+1))
	loc := p.re.FindStringSubmatchIndex(text)
	if loc == nil {
		L.Push(lua.LNil)
		return 1
	}
	first := 2
	if len(loc) == 2 {
		first = 0
	}
	for i := first; i < len(loc); i += 2 {
		if loc[i] < 0 {
			L.Push(lua.LNil)
		} else {
			L.Push(lua.LString(text[loc[i]:loc[i+1]]))
		}
	}
	return (len(loc) - first) / 2
}

// maxMatches is how many places one ct.gsub may replace.
const maxMatches = 20000

// ctGsub replaces every match; $1 and ${name} in repl are captures, $$ is $.
func ctGsub(s *state, L *lua.LState) int {
	text, src, repl := L.CheckString(1), L.CheckString(2), L.CheckString(3)
	p := s.regex(L, "ct.gsub", src)
	var out []byte
	kept, n := 0, 0
	s.work(L, p.size*(len(text)+1))
	found := p.re.FindAllStringSubmatchIndex(text, maxMatches+1)
	if len(found) > maxMatches {
		L.RaiseError("ct.gsub: more than %d matches", maxMatches)
	}
	for _, loc := range found {
		n++
		before := len(out)
		out = append(out, text[kept:loc[0]]...)
		out = p.re.ExpandString(out, repl, text, loc)
		kept = loc[1]
		if len(out) > maxString {
			L.RaiseError("ct.gsub: the result would have more than %d bytes", maxString)
		}
		s.charge(L, 2*(len(out)-before))
	}
	out = append(out, text[kept:]...)
	if n == 0 {
		L.Push(lua.LString(text))
	} else {
		s.grow(L, "ct.gsub", len(out))
		L.Push(lua.LString(string(out)))
	}
	L.Push(lua.LNumber(n))
	return 2
}

func ctGlob(s *state, L *lua.LState) int {
	p, err := s.hook.patterns.get(&s.hook.patterns.globs, L.CheckString(1), compileGlob)
	if err != nil {
		L.RaiseError("ct.glob: %s", err.Error())
	}
	text := L.CheckString(2)
	s.work(L, p.size*(len(text)+1))
	L.Push(lua.LBool(p.re.MatchString(text)))
	return 1
}

// compileGlob turns a path glob into RE2: * and ? stay inside one path element,
// ** as a whole element spans any number of them, [a-z] is a set and {a,b} a
// choice. It must match the whole text.
func compileGlob(glob string) (*pattern, error) {
	if len(glob) > maxPattern {
		return nil, fmt.Errorf("glob of %d bytes; at most %d", len(glob), maxPattern)
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	depth := 0
	for i := 0; i < len(glob); i++ {
		rest := glob[i:]
		element := i == 0 || glob[i-1] == '/'
		switch c := glob[i]; {
		case element && strings.HasPrefix(rest, "**/"):
			b.WriteString(`(?:[^/]+/)*`)
			i += 2
		case element && rest == "**":
			b.WriteString(`.*`)
			i++
		case strings.HasPrefix(rest, "**"):
			return nil, fmt.Errorf("%q: ** stands for whole path elements, as in src/**/*.go", glob)
		case c == '*':
			b.WriteString(`[^/]*`)
		case c == '?':
			b.WriteString(`[^/]`)
		case c == '[':
			end := strings.IndexByte(rest[1:], ']')
			if end < 1 || strings.ContainsAny(rest[1:end+1], `/[\`) {
				return nil, fmt.Errorf("%q: bad set at %d", glob, i+1)
			}
			b.WriteString("[" + strings.Replace(rest[1:end+1], "!", "^", 1) + "]")
			i += end + 1
		case c == '{':
			depth++
			b.WriteString("(?:")
		case c == '}' && depth > 0:
			depth--
			b.WriteByte(')')
		case c == ',' && depth > 0:
			b.WriteByte('|')
		default:
			_, size := utf8.DecodeRuneInString(rest)
			b.WriteString(regexp.QuoteMeta(rest[:size]))
			i += size - 1
		}
	}
	if depth > 0 {
		return nil, fmt.Errorf("%q: a } is missing", glob)
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("%q: %w", glob, err)
	}
	return &pattern{re: re, size: 2*len(glob) + 8}, nil
}

func jsonEncode(s *state, L *lua.LState) int {
	v, err := s.lower(L, L.CheckAny(1), 0)
	if err == nil {
		s.charge(L, 2*sizeOf(v))
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err = enc.Encode(v); err == nil {
			s.grow(L, "ct.json.encode", 2*b.Len())
			L.Push(lua.LString(strings.TrimSuffix(b.String(), "\n")))
			return 1
		}
	}
	L.RaiseError("ct.json.encode: %s", err.Error())
	return 0
}

func jsonDecode(s *state, L *lua.LState) int {
	src := L.CheckString(1)
	s.charge(L, 16*len(src)) // a list of digits takes that much once it is read
	var v any
	if err := json.Unmarshal([]byte(src), &v); err != nil {
		L.RaiseError("ct.json.decode: %s", err.Error())
	}
	L.Push(s.raise(L, v))
	return 1
}
