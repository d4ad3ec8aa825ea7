package policy

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
)

// testSuffix ends the names of files that hold nothing but [[test]] tables.
const testSuffix = "_test.toml"

// Case is one [[test]] with the file that it stands in.
type Case struct {
	rules.Test
	File *rules.File
}

// finding places something about the test at its [[test]].
func (c Case) finding(id, format string, args ...any) diag.Finding {
	return diag.Finding{ID: id, Level: diag.Error, File: c.File.Name, Line: c.Pos.Line, Col: max(c.Pos.Col, 1), Len: c.Pos.Len,
		Text: fmt.Sprintf("test %q ", c.Name) + fmt.Sprintf(format, args...)}
}

// has reports whether the test gives a key: "user.active".
func (c Case) has(key string) bool { return c.File.Has(fmt.Sprintf("test[%d].%s", c.Index, key)) }

// testFiles are the paths of the *_test.toml beside rules.toml, sorted.
func (l *Loader) testFiles() []string {
	entries, err := readDir(filepath.Dir(l.Path))
	if err != nil {
		return nil // rules.toml itself cannot be read either, and says so
	}
	var out []string
	for _, name := range entries {
		if strings.HasSuffix(name, testSuffix) && name != filepath.Base(l.Path) {
			out = append(out, filepath.Join(filepath.Dir(l.Path), name))
		}
	}
	slices.Sort(out)
	return out
}

// readTests adds the test files to sources.
func (l *Loader) readTests(sources map[string][]byte) []diag.Finding {
	var out []diag.Finding
	for _, path := range l.testFiles() {
		name := filepath.Base(path)
		got, err := l.read(name)
		if err != nil {
			out = append(out, diag.Finding{ID: "unreadable", Level: diag.Error, File: name, Text: reason(err).Error()})
			continue
		}
		sources[name] = got[name]
	}
	return out
}

// cases collects the tests of rules.toml and of every test file.
func cases(file *rules.File, sources map[string][]byte) ([]Case, []diag.Finding) {
	var out []Case
	var findings []diag.Finding
	first := map[string]Case{}
	add := func(f *rules.File) {
		for _, t := range f.Tests {
			c := Case{Test: t, File: f}
			if prior, taken := first[t.Name]; taken && prior.File != f && t.Name != "" {
				findings = append(findings, c.finding("duplicate-id", "has a name that a test of %s has", prior.File.Name))
			}
			first[t.Name] = c
			out = append(out, c)
		}
	}
	add(file)
	var names []string
	for name := range sources {
		if strings.HasSuffix(name, testSuffix) && name != file.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f, more := rules.Parse(name, sources[name])
		findings = append(append(findings, more...), onlyTests(f)...)
		add(f)
	}
	return out, findings
}

// onlyTests reports what else stands in a test file.
func onlyTests(f *rules.File) []diag.Finding {
	var tables map[string]toml.Primitive
	md, err := toml.Decode(string(f.Src), &tables)
	if err != nil {
		return nil // Parse has said so
	}
	var out []diag.Finding
	seen := map[string]bool{}
	for _, key := range md.Keys() {
		name := key[0]
		if name == "test" || seen[name] {
			continue
		}
		seen[name] = true
		at, ok := f.At(name)
		if !ok {
			at, ok = f.At(name + "[0]")
		}
		if !ok && len(key) > 1 {
			at, _ = f.At(name + "." + key[1])
		}
		out = append(out, diag.Finding{ID: "misplaced-key", Level: diag.Error, File: f.Name, Line: at.Line, Col: at.Col, Len: cmp.Or(at.Len, 1),
			Text: fmt.Sprintf("%s holds tests only: [[test]] tables; %q belongs into rules.toml", f.Name, name)})
	}
	return out
}
