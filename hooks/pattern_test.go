package hooks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/pm"

	"ctpipe/pipeline"
)

// spans lists every match of p in s by our translation: whole match and
// captures, position captures as their position.
func spans(p *pattern, s string) string {
	f := &search{subject: newSubject(s), p: p}
	st := &state{call: &call{ctx: background, work: maxWork}}
	var b strings.Builder
	for f.next(st, nil) {
		fmt.Fprintf(&b, "[%d %d", f.loc[0], f.loc[1])
		for i, position := range p.position {
			if position {
				fmt.Fprintf(&b, " @%d", f.loc[2*i+2]+1)
			} else {
				fmt.Fprintf(&b, " %d %d", f.loc[2*i+2], f.loc[2*i+3])
			}
		}
		b.WriteByte(']')
	}
	return b.String()
}

// luaSpans is the same by gopher-lua's own matcher.
func luaSpans(p, s string) (string, error) {
	found, err := pm.Find(p, []byte(s), 0, -1)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, m := range found {
		fmt.Fprintf(&b, "[%d %d", m.Capture(0), m.Capture(1))
		for i := 2; i < m.CaptureLength(); i += 2 {
			if m.IsPosCapture(i) {
				fmt.Fprintf(&b, " @%d", m.Capture(i))
			} else {
				fmt.Fprintf(&b, " %d %d", m.Capture(i), m.Capture(i+1))
			}
		}
		b.WriteByte(']')
	}
	return b.String(), nil
}

var atoms = []string{"a", "b", "-", " ", ".", "%a", "%c", "%d", "%l", "%p", "%s", "%u", "%w", "%x", "%z",
	"%A", "%C", "%D", "%L", "%P", "%S", "%U", "%W", "%X", "%Z", "%.", "%-", "%%", "%(", "%]", "[ab]", "[^a]", "[a-c%d]", "[%S]", "[^%w_]",
	"[]a]", "[^]]", "[-a]", "[a-]", "[%a%-]", "[\x80-\xff]", "\xc3", "\xa9", "[%D%s]", "^", "$", "1", "Z"}

// randomPattern makes a pattern of up to six items with captures and anchors.
func randomPattern(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(6) == 0 {
		b.WriteByte('^')
	}
	open, captures := 0, 0
	for range 1 + r.IntN(6) {
		switch r.IntN(8) {
		case 0:
			if captures < 5 {
				b.WriteByte('(')
				open++
				captures++
				if r.IntN(3) == 0 {
					b.WriteByte(')')
					open--
					continue
				}
			}
		case 1:
			if open > 0 && !strings.HasSuffix(b.String(), "(") {
				b.WriteByte(')')
				open--
			}
		}
		atom := atoms[r.IntN(len(atoms))]
		if atom == "^" && b.Len() == 0 {
			atom = "a"
		}
		b.WriteString(atom)
		if r.IntN(2) == 0 && atom != "$" && atom != "^" {
			b.WriteByte("*+-?"[r.IntN(4)])
		}
	}
	for ; open > 0; open-- {
		b.WriteByte(')')
	}
	if r.IntN(6) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

const letters = "aaabbbcZ1 2.-_%([])^$\n\t\x00\x7f\xc3\xa9\xff"

func randomSubject(r *rand.Rand) string {
	b := make([]byte, r.IntN(14))
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
		if r.IntN(3) > 0 {
			b[i] = letters[r.IntN(10)]
		}
	}
	return string(b)
}

// TestPatternPairs compares the translation with gopher-lua's own matcher on
// random pairs: 100 000, 10 000 with -short, and 1 000 000 in make soak.
func TestPatternPairs(t *testing.T) {
	pairs := 100_000
	if testing.Short() {
		pairs = 10_000
	}
	if os.Getenv("CTPIPE_SOAK") != "" {
		pairs = 1_000_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	compared, matched := 0, 0
	for compared < pairs {
		src := randomPattern(r)
		p, err := translate(src)
		if err != nil {
			t.Fatalf("pattern %q is made of supported constructs: %v", src, err)
		}
		for range 10 {
			subject := randomSubject(r)
			want, err := luaSpans(src, subject)
			if err != nil {
				t.Fatalf("pattern %q: %v", src, err)
			}
			if got := spans(p, subject); got != want {
				t.Fatalf("pattern %q in %q:\n got %s\nwant %s", src, subject, got, want)
			}
			compared++
			if want != "" {
				matched++
			}
		}
	}
	if matched < compared/4 {
		t.Errorf("only %d of %d pairs matched: the generator is no test", matched, compared)
	}
}

func FuzzPattern(f *testing.F) {
	for _, p := range []string{"^(%a+)%s*=%s*(.-)$", "[%w_]+", "()a()", "a-b", "[^]]*", "%f[%w]", "%b()", "(a)%1", "[a-%d]", "[1--0]"} {
		f.Add(p, "key = value é")
	}
	f.Fuzz(func(t *testing.T, src, subject string) {
		if len(src) > 24 || len(subject) > 24 { // the reference matcher backtracks
			return
		}
		p, err := translate(src)
		if err != nil {
			return
		}
		want, err := luaSpans(src, subject)
		if err != nil {
			t.Skip(err)
		}
		if got := spans(p, subject); got != want {
			t.Fatalf("pattern %q in %q:\n got %s\nwant %s", src, subject, got, want)
		}
	})
}

func TestPatternErrors(t *testing.T) {
	for _, tt := range []struct{ pattern, want string }{
		{"%f[%w]", "ct.match"}, {"%b()", "ct.match"}, {"(a)%1", "ct.match"}, {"[%a-z]", "ct.match"}, {"[a-%%]", "ct.match"}, {"[1--0]", "ct.match"},
		{"a%", "ends with %"}, {"[ab", "unfinished set"}, {"(a", "unfinished capture"}, {"a)", "unexpected )"},
		{strings.Repeat("a", 2000), "at most"},
	} {
		if _, err := translate(tt.pattern); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("translate(%q) = %v, want %q", tt.pattern, err, tt.want)
		}
	}
}

// TestStringLibrary compares results with what Lua 5.1 gives.
func TestStringLibrary(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`("hello world"):find("o w")`, "5,7"},
		{`("hello"):find("l+")`, "3,4"},
		{`("hello"):find("(l)(l)")`, "3,4,l,l"},
		{`("hello"):find("l", -2)`, "4,4"},
		{`("a.b"):find(".", 2, true)`, "2,2"},
		{`("abc"):find("x")`, "nil"},
		{`("abc"):find("", 10)`, "4,3"},
		{`("key = value"):match("^(%w+)%s*=%s*(%w+)$")`, "key,value"},
		{`("abc"):match("()b()")`, "2,3"},
		{`("abc"):match("^b", 2)`, "b"},
		{`("hello"):gsub("l", "L")`, "heLLo,2"},
		{`("hello"):gsub("l", "L", 1)`, "heLlo,1"},
		{`("hello"):gsub("", "-")`, "-h-e-l-l-o-,6"},
		{`("abc"):gsub("%w", "%0%0")`, "aabbcc,3"},
		{`("a b"):gsub("(%w) (%w)", "%2 %1")`, "b a,1"},
		{`("$x $y"):gsub("%$(%w)", { x = "1" })`, "1 $y,2"},
		{`("abc"):gsub("%w", function(c) if c == "b" then return "[" .. c .. "]" end end)`, "a[b]c,3"},
		{`("é"):len()`, "2"},
		{`("né"):gsub("[\128-\255]", "?")`, "n??,2"},
		{`("x"):rep(3)`, "xxx"}, {`("x"):rep(0)`, ""},
		{`("%d|%5.2f|%s|%q|%x|%%|%-4s|%c"):format(3, 1.5, "a", 'q"', 255, "b", 65)`, `3| 1.50|a|"q\""|ff|%|b   |A`},
		{`table.concat({1, 2, "x"}, "-")`, "1-2-x"},
		{`table.concat({}, "-")`, ""},
		{`#ev.tool.commands`, "1"},
		{`table.concat(ev.tool.commands[1].args, " ")`, "push -f"},
		{`unpack(ev.tool.commands[1].args)`, "push,-f"},
		{`type(ev)`, "table"},
		{`1 .. 2 .. "x"`, "12x"},
		{`select("#", ("a,b"):gsub(",", ";"))`, "2"},
		{`("a" .. ("b"):gsub("b", "c"))`, "ac"},
	} {
		src := toolHook(`
			local out = {}
			local function all(...) for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end end
			all(` + tt.expr + `)
			ct.label("out", table.concat(out, ","))`)
		r := run1(t, build(t, src), toolEvent(pipelineGit))
		if r.Err != nil || len(r.Effects) != 1 || r.Effects[0].Text != tt.want {
			t.Errorf("%s = %v (err %v), want %s", tt.expr, r.Effects, r.Err, tt.want)
		}
	}
}

// The named classes agree with gopher-lua's on every byte.
func TestClasses(t *testing.T) {
	for c := range 256 {
		for _, name := range "acdlpsuwxzACDLPSUWXZ" {
			want, err := luaSpans("%"+string(name), string([]byte{byte(c)}))
			if err != nil {
				t.Fatal(err)
			}
			if got := named(byte(name))[c]; got != (want != "") {
				t.Errorf("%%%c on byte %d: %v", name, c, got)
			}
		}
	}
}

var (
	background  = context.Background()
	pipelineGit = pipeline.Command{Prog: "git", Sub: "push", Args: []string{"push", "-f"}}
)
