package hooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/internal/rules"
)

var jsonOwn = map[string]function{"encode": jsonEncode, "decode": jsonDecode}

// ctWithin is within of the rule language. It takes ev.time, or Unix seconds.
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
	in, err := rules.Within(time.Unix(unix, 0), L.CheckString(2), L.CheckString(3))
	if err != nil {
		L.RaiseError("ct.%s", err.Error())
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

// ctGlob is glob of the rule language.
func ctGlob(s *state, L *lua.LState) int {
	pattern, text := L.CheckString(1), L.CheckString(2)
	if len(pattern) > maxPattern {
		L.RaiseError("ct.glob: a pattern of %d bytes; at most %d", len(pattern), maxPattern)
	}
	s.work(L, (2*len(pattern)+8)*(len(text)+1))
	in, err := rules.Glob(pattern, text)
	if err != nil {
		L.RaiseError("ct.glob: %s", err.Error())
	}
	L.Push(lua.LBool(in))
	return 1
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
