package rules

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// maxFile is the largest rules.toml that is read; 1000 rules are a third of it.
const maxFile = 1 << 20

// File is rules.toml as written: decoded and checked key by key, nothing
// resolved and no default filled in except where a field says so. It is
// immutable after Parse.
type File struct {
	Name string
	Src  []byte

	Default   Verdicts // with defaults filled in
	OnError   Verdicts // with defaults filled in; never allow
	KeepAlive *bool
	Sticky    *bool

	Platforms  []Platform
	Claude     Claude
	Limits     Limits
	Approval   Approval
	Pipeline   map[pipeline.Kind][]string // nil: the built-in chains
	Groups     map[string][]string        // user names, not ids
	Defines    []Define
	Rules      []Rule
	Hooks      []Hook
	MCP        []MCP
	Tests      []Test
	State      State
	Playground Playground
	Journal    Journal
	Reload     Reload
	LogLevel   string // "": info
	UpdateFeed string
	Stages     map[string]*Raw // [stage.NAME]
	Rota       *Rota           // of the file that [stage.rota] names; TakeRota reads it

	places map[string]Pos
	values map[string]Pos
	lines  *lines
	index  *node
}

// Verdicts gives a verdict per kind, and for calls that nobody can see into.
type Verdicts struct {
	Kind   map[pipeline.Kind]pipeline.Verdict
	Opaque pipeline.Verdict // only [default]
}

// Define is one entry of [define].
type Define struct {
	Name string
	Expr Expr
}

// Hook is one [[hook]]: a Lua file that is in force.
type Hook struct {
	Script  string           // as written, relative to rules.toml
	Timeout time.Duration    // 0: the host's default
	OnError pipeline.Verdict // Abstain: [on_error] of the kind
	May     []string         // verdicts beyond ask and deny
	Pos     Pos
}

// At is the place of a key by its path: "claude.model", "rule[2].when"; ok is
// false where the file does not give it.
func (f *File) At(path string) (p Pos, ok bool) { p, ok = f.places[path]; return p, ok }

// valueAt is the place of a key's value.
func (f *File) valueAt(path string) (p Pos, ok bool) { p, ok = f.values[path]; return p, ok }

// Has reports whether the file gives the key of this path.
func (f *File) Has(path string) bool { _, ok := f.places[path]; return ok }

// Finding makes a finding at the value of a key of this file, for checks that
// other packages do on what the file says.
func (f *File) Finding(level diag.Level, id, path, format string, args ...any) diag.Finding {
	at := f.values[path]
	return diag.Finding{ID: id, Level: level, File: f.Name, Line: at.Line, Col: at.Col, Len: at.Len,
		Text: fmt.Sprintf(format, args...)}
}

// Parse decodes rules.toml strictly: an unknown key, a key in the wrong case,
// a value of the wrong type or out of range is an error with its place. The
// File is returned even when there are errors, as far as it could be read, so
// that all findings can be collected; it may be put in force only if none of
// the findings is an error.
func Parse(name string, src []byte) (*File, []diag.Finding) {
	return parse(name, src, nil)
}

func parse(name string, src []byte, schema *[]schemaKey) (*File, []diag.Finding) {
	text := string(bytes.TrimPrefix(src, []byte("\ufeff")))
	d := &decoder{name: name, lines: newLines(text), places: map[string]Pos{}, values: map[string]Pos{}, schema: schema}
	f := &File{Name: name, Src: src, lines: d.lines, places: d.places, values: d.values, index: &node{}}
	f.Default, f.OnError = defaultVerdicts(), onErrorVerdicts()
	v, ok := d.decode(text)
	if !ok {
		return f, d.out
	}
	idx, ok := indexKeys(text)
	if !ok {
		d.add(diag.Error, "internal", Pos{}, "", "cannot find the places of the keys; please report this file")
		return f, d.out
	}
	f.index = idx.root
	d.file(f, &table{d: d, v: v, n: idx.root})
	diag.Sort(d.out)
	return f, d.out
}

// decode reads TOML's syntax with the library.
func (d *decoder) decode(text string) (v map[string]any, ok bool) {
	switch {
	case len(text) > maxFile:
		d.add(diag.Error, "too-large", Pos{}, "", "the file has %d bytes; at most %d are read", len(text), maxFile)
		return nil, false
	case !utf8.ValidString(text):
		at := 0
		for at < len(text) {
			if r, n := utf8.DecodeRuneInString(text[at:]); r == utf8.RuneError && n == 1 {
				break
			} else {
				at += n
			}
		}
		d.add(diag.Error, "syntax", d.lines.pos(span{at, at + 1}), "", "the file is not UTF-8: byte 0x%02x", text[at])
		return nil, false
	}
	defer func() {
		if p := recover(); p != nil {
			d.add(diag.Error, "syntax", Pos{}, "", "the file cannot be read: %v", p)
			v, ok = nil, false
		}
	}()
	_, err := toml.Decode(text, &v)
	var pe toml.ParseError
	switch {
	case errors.As(err, &pe):
		at := d.lines.pos(span{pe.Position.Start, pe.Position.Start + max(pe.Position.Len, 1)})
		if pe.Position.Line > 0 && at.Line != pe.Position.Line {
			at = Pos{Line: pe.Position.Line, Col: 1, Len: 1}
		}
		d.add(diag.Error, "syntax", at, "", "%s", syntaxText(pe))
		return nil, false
	case err != nil:
		d.add(diag.Error, "syntax", Pos{}, "", "%v", err)
		return nil, false
	}
	return v, true
}

func syntaxText(pe toml.ParseError) string {
	if pe.LastKey != "" {
		return fmt.Sprintf("not TOML: %s (after key %s)", pe.Message, pe.LastKey)
	}
	return "not TOML: " + pe.Message
}
