package rules

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/expr-lang/expr"
)

// builtins are the functions of the expression library that rules may use:
// pure ones whose cost is bounded by their input.
var builtins = []string{"all", "any", "none", "one", "filter", "map", "count", "len", "trim", "lower", "upper", "split",
	"hasPrefix", "hasSuffix", "indexOf", "first", "last", "keys", "values"}

// functions are ctpipe's own.
var functions = []string{"glob", "within"}

func functionOptions() []expr.Option {
	opts := []expr.Option{expr.DisableAllBuiltins()}
	for _, name := range builtins {
		opts = append(opts, expr.EnableBuiltin(name))
	}
	return append(opts,
		expr.Function("glob", func(p ...any) (any, error) { return Glob(p[0].(string), p[1].(string)) },
			new(func(string, string) bool)),
		expr.Function("within", func(p ...any) (any, error) {
			return Within(time.Unix(p[0].(timeView[any]).Unix, 0), p[1].(string), p[2].(string))
		}, new(func(timeView[string], string, string) bool)))
}

// Glob reports whether the whole of s matches pattern: * is any run without /,
// ** any run with /, ? one character but /, [a-z] and [!a-z] a set, {a,b} an
// alternative, \ takes the next character as it is. "dir/**" matches dir itself
// too, and "**/x" matches x at any depth, also at none. A pattern that cannot
// be read is an error.
func Glob(pattern, s string) (bool, error) {
	re, err := globs.get(pattern)
	if err != nil {
		return false, err
	}
	return re.MatchString(s), nil
}

var globs = newCache(compileGlob)

var errGlob = errors.New("not a glob pattern")

func compileGlob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	rs, depth := []rune(pattern), 0
	for i := 0; i < len(rs); i++ {
		var err error
		i, depth, err = globPart(&b, rs, i, depth)
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %v", errGlob, pattern, err)
		}
	}
	if depth != 0 {
		return nil, fmt.Errorf("%w: %q: { without }", errGlob, pattern)
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %q", errGlob, pattern)
	}
	return re, nil
}

func globPart(b *strings.Builder, rs []rune, i, depth int) (int, int, error) {
	rest := string(rs[i:])
	switch c := rs[i]; {
	case rest == "/**":
		b.WriteString(`(?:/.*)?`)
		return i + 2, depth, nil
	case strings.HasPrefix(rest, "**/"):
		b.WriteString(`(?:.*/)?`)
		return i + 2, depth, nil
	case strings.HasPrefix(rest, "**"):
		b.WriteString(`.*`)
		return i + 1, depth, nil
	case c == '*':
		b.WriteString(`[^/]*`)
	case c == '?':
		b.WriteString(`[^/]`)
	case c == '[':
		return globSet(b, rs, i, depth)
	case c == '{':
		b.WriteString(`(?:`)
		depth++
	case c == '}' && depth > 0:
		b.WriteString(`)`)
		depth--
	case c == ',' && depth > 0:
		b.WriteString(`|`)
	case c == '\\':
		if i++; i == len(rs) {
			return i, depth, errors.New(`ends in \`)
		}
		b.WriteString(regexp.QuoteMeta(string(rs[i])))
	default:
		b.WriteString(regexp.QuoteMeta(string(c)))
	}
	return i, depth, nil
}

func globSet(b *strings.Builder, rs []rune, i, depth int) (int, int, error) {
	end := i + 1
	if end < len(rs) && (rs[end] == '!' || rs[end] == '^') {
		end++
	}
	for end++; end < len(rs) && rs[end] != ']'; end++ {
	}
	if end >= len(rs) {
		return i, depth, errors.New("[ without ]")
	}
	body := string(rs[i+1 : end])
	b.WriteString("[")
	if body[0] == '!' || body[0] == '^' {
		b.WriteString("^/")
		body = body[1:]
	}
	b.WriteString(strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`).Replace(body))
	b.WriteString("]")
	return end, depth, nil
}
