package hooks

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/gopher-lua/ast"

	"ctpipe/internal/diag"
)

// lint collects what is wrong with one source file. The syntax tree knows lines
// only, so columns are found by looking for the name on its line.
type lint struct {
	file     string
	lines    []string
	findings []diag.Finding
	requires []requirement // in order of first mention
	allows   int           // the first line that says ct.allow
}

// requirement is a module's file, and the line that asks for it by name.
type requirement struct {
	file, name string
	line       int
}

func newLint(file string, src []byte) *lint {
	return &lint{file: file, lines: strings.Split(string(src), "\n")}
}

func (l *lint) add(id string, line int, near, text, suggest string) {
	f := diag.Finding{ID: id, Level: diag.Error, File: l.file, Text: text, Suggest: suggest}
	f.Line, f.Col, f.Len = l.place(line, near)
	l.findings = append(l.findings, f)
}

// place finds near on a line; without it, the line's text is the place.
func (l *lint) place(line int, near string) (int, int, int) {
	if line < 1 || line > len(l.lines) {
		return line, 0, 0
	}
	text := l.lines[line-1]
	at := -1
	if near != "" {
		at = indexWord(text, near)
	}
	if at < 0 {
		near = strings.TrimSpace(text)
		at = strings.Index(text, near)
	}
	if near == "" {
		return line, 0, 0
	}
	return line, utf8.RuneCountInString(text[:at]) + 1, utf8.RuneCountInString(near)
}

// indexWord finds word in s where it is not a part of a longer name. Edges that
// are no part of a name, as a quote, may stand anywhere.
func indexWord(s, word string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(word)
		before := at > 0 && nameByte(s[at-1]) && nameByte(word[0])
		behind := end < len(s) && nameByte(s[end]) && nameByte(word[len(word)-1])
		if !before && !behind {
			return at
		}
		from = at + 1
	}
}

func nameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (l *lint) globalRead(line int, name string) {
	if globals[name] {
		return
	}
	text := fmt.Sprintf("undeclared name %q", name)
	if why, gone := removed[name]; gone {
		l.add("lua-removed", line, name, fmt.Sprintf("%q is not available to hooks: %s", name, why), "")
		return
	}
	l.add("lua-global", line, name, text, diag.Suggest(name, keys(globals)))
}

func (l *lint) globalWrite(line int, name string) {
	l.add("lua-global", line, name, fmt.Sprintf("assignment to global %q: write local %s, or keep it in ct.store", name, name), "")
}

// attr checks a.b where a is a library or the event.
func (l *lint) attr(r *rewriter, e *ast.AttrGetExpr) {
	key, ok := e.Key.(*ast.StringExpr)
	if !ok {
		return
	}
	root, ok := e.Object.(*ast.IdentExpr)
	switch {
	case ok && !r.local(root.Value):
		l.member(e.Line(), root.Value, key.Value)
	case ok && root.Value == "ev", !ok:
		l.eventField(r, e, key.Value)
	}
	if inner, ok := e.Object.(*ast.AttrGetExpr); ok {
		l.nested(r, inner, key.Value)
	}
}

func (l *lint) member(line int, lib, key string) {
	if lib == "ct" && key == "allow" && l.allows == 0 {
		l.allows = line
	}
	members, known := libraries[lib]
	if !known || members[key] {
		return
	}
	if why, gone := removed[lib+"."+key]; gone {
		l.add("lua-removed", line, key, fmt.Sprintf("%s.%s is not available to hooks: %s", lib, key, why), "")
		return
	}
	l.add("lua-member", line, key, fmt.Sprintf("%s has no function %q", lib, key), diag.Suggest(key, keys(members)))
}

// nested checks ct.json.x and ct.store.x.
func (l *lint) nested(r *rewriter, inner *ast.AttrGetExpr, key string) {
	root, ok := inner.Object.(*ast.IdentExpr)
	part, constant := inner.Key.(*ast.StringExpr)
	if ok && constant && root.Value == "ct" && !r.local("ct") {
		l.member(inner.Line(), "ct."+part.Value, key)
	}
}

// eventField checks a chain ev.a.b: by convention a parameter ev is the event.
func (l *lint) eventField(r *rewriter, e *ast.AttrGetExpr, key string) {
	path, ok := chain(e.Object)
	if !ok || path[0] != "ev" || r.origin("ev") != parameter {
		return
	}
	shape := eventShape()
	for _, name := range path[1:] {
		f, known := shape.field(name)
		if !known || f.elem == nil {
			return // reported where it was met, or free-form below
		}
		shape = f.elem
	}
	if _, known := shape.field(key); !known {
		l.add("lua-field", e.Line(), key, fmt.Sprintf("%s has no field %q", strings.Join(path, "."), key), diag.Suggest(key, shape.names))
	}
}

// chain reads a.b.c as its names.
func chain(e ast.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return []string{e.Value}, true
	case *ast.AttrGetExpr:
		key, ok := e.Key.(*ast.StringExpr)
		if !ok {
			return nil, false
		}
		path, ok := chain(e.Object)
		return append(path, key.Value), ok
	}
	return nil, false
}

// require notes the module of require "name", which must be a literal, so that
// everything a snapshot needs is read before it is built.
func (l *lint) require(r *rewriter, e *ast.FuncCallExpr) {
	fn, ok := e.Func.(*ast.IdentExpr)
	if !ok || fn.Value != "require" || r.local("require") {
		return
	}
	if len(e.Args) == 1 {
		if name, ok := e.Args[0].(*ast.StringExpr); ok {
			path, err := modulePath(l.file, name.Value)
			if err != nil {
				l.add("lua-require", e.Line(), name.Value, err.Error(), "")
				return
			}
			l.requires = append(l.requires, requirement{path, name.Value, e.Line()})
			return
		}
	}
	l.add("lua-require", e.Line(), "require", `require wants one literal name, as in require "lib.dates"`, "")
}
