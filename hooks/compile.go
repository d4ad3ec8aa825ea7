package hooks

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"ctpipe/internal/diag"
)

// maxScript is the size of one script or module, in bytes.
const maxScript = 256 << 10

// unit is one compiled source file. The proto is read-only and shared between
// states.
type unit struct {
	src      []byte
	proto    *lua.FunctionProto
	requires []requirement
	returns  int // the line of what the file returns, or its last
	allows   int // the first line that says ct.allow, or 0
}

// compile parses, lints, rewrites and compiles one file. A unit is returned
// only if there are no findings.
func compile(name string, src []byte) (u *unit, findings []diag.Finding) {
	l := newLint(name, src)
	if len(src) > maxScript {
		l.add("lua-size", 0, "", fmt.Sprintf("%d bytes; a script may have %d", len(src), maxScript), "")
		return nil, l.findings
	}
	defer func() {
		if p := recover(); p != nil {
			u, findings = nil, []diag.Finding{{ID: "lua-syntax", Level: diag.Error, File: name,
				Text: fmt.Sprintf("the compiler gave up: %v", p)}}
		}
	}()
	stmts, err := parse.Parse(bytes.NewReader(src), name)
	if err != nil {
		l.syntax(err)
		return nil, l.findings
	}
	returns := l.lastLine()
	if n := len(stmts); n > 0 {
		if ret, ok := stmts[n-1].(*ast.ReturnStmt); ok {
			returns = ret.Line()
		}
	}
	stmts = (&rewriter{lint: l}).chunk(stmts)
	if len(l.findings) > 0 {
		return nil, l.findings
	}
	proto, err := lua.Compile(stmts, name)
	if err != nil {
		l.compileError(err)
		return nil, l.findings
	}
	proto.IsVarArg &^= lua.VarArgNeedsArg // a chunk gets no arguments, and no table of them
	return &unit{src: src, proto: proto, requires: l.requires, returns: returns, allows: l.allows}, nil
}

func (l *lint) syntax(err error) {
	var pe *parse.Error
	if !errors.As(err, &pe) {
		l.add("lua-syntax", 0, "", err.Error(), "")
		return
	}
	f := diag.Finding{ID: "lua-syntax", Level: diag.Error, File: l.file, Line: pe.Pos.Line}
	if pe.Pos.Line < 1 { // the parser's mark for the end of the file
		f.Line = l.lastLine()
		f.Col, f.Len = utf8.RuneCountInString(strings.TrimRight(l.lines[f.Line-1], " \t\r"))+1, 1
		f.Text = "the file ends in the middle of something: an end, a bracket or a quote is missing"
	} else {
		f.Text = fmt.Sprintf("%s near %q", strings.TrimSpace(pe.Message), pe.Token)
		f.Col, f.Len = l.token(pe.Pos, pe.Token)
		if f.Col == 0 && strings.Contains(pe.Message, "unterminated") && f.Line > 1 { // noticed behind its line
			before := ast.Position{Line: f.Line - 1, Column: len(l.lines[f.Line-2])}
			if col, length := l.token(before, pe.Token); col > 0 {
				f.Line, f.Col, f.Len = before.Line, col, length
			}
		}
	}
	l.findings = append(l.findings, f)
}

// lastLine is the last line with anything on it.
func (l *lint) lastLine() int {
	for n := len(l.lines); n > 1; n-- {
		if strings.TrimSpace(l.lines[n-1]) != "" {
			return n
		}
	}
	return 1
}

// token finds the column of a token, counted in characters: the parser gives
// the byte behind it.
func (l *lint) token(at ast.Position, token string) (col, length int) {
	if at.Line > len(l.lines) || token == "" {
		return 0, 0
	}
	line := l.lines[at.Line-1]
	start := strings.LastIndex(line[:min(len(line), max(at.Column, 0))], token)
	if start < 0 {
		return 0, 0
	}
	return utf8.RuneCountInString(line[:start]) + 1, utf8.RuneCountInString(token)
}

func (l *lint) compileError(err error) {
	var ce *lua.CompileError
	if errors.As(err, &ce) {
		near := ""
		if m := quoted.FindStringSubmatch(ce.Message); m != nil {
			near = m[1]
		}
		l.add("lua-syntax", ce.Line, near, ce.Message, "")
		return
	}
	l.add("lua-syntax", 0, "", err.Error(), "")
}

var quoted = regexp.MustCompile(`'([^']+)'`)

var moduleName = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// modulePath is the file that require(name) means in a script: below the folder
// scripts/ that the script stands in, however deep, or else beside it. So both
// scripts/a.lua and scripts/lib/b.lua find scripts/lib/dates.lua as "lib.dates".
func modulePath(script, name string) (string, error) {
	if !moduleName.MatchString(name) {
		return "", fmt.Errorf("module name %q: want names joined by dots, as in lib.dates", name)
	}
	top := path.Dir(script)
	for up := top; up != "." && up != "/"; up = path.Dir(up) {
		if path.Base(up) == "scripts" {
			top = up
			break
		}
	}
	return path.Join(top, strings.ReplaceAll(name, ".", "/")+".lua"), nil
}

// Requires lists the files that a script or module asks for with require, as
// paths beside its own name. It is nil for a file that does not parse, which
// Build reports. The caller reads them, and theirs, once, into Options.Modules.
func Requires(name string, src []byte) []string {
	if len(src) > maxScript {
		return nil
	}
	stmts, err := parse.Parse(bytes.NewReader(src), name)
	if err != nil {
		return nil
	}
	l := newLint(name, src)
	(&rewriter{lint: l}).chunk(stmts)
	var files []string
	for _, need := range l.requires {
		files = append(files, need.file)
	}
	return files
}
