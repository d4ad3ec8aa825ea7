package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this package.
const root = ".."

// carrier is a test that carries a code: a function, a script, or a file where
// no function could be named.
type carrier struct{ pkg, name string }

func (c carrier) String() string { return c.pkg + " " + c.name }

// carried are the tests of the repository by the codes that they carry.
func carried(t *testing.T) map[string][]carrier {
	found := map[string][]carrier{}
	dirs := map[string][]string{} // Go files of tests, by directory
	walk(t, func(file string) {
		switch {
		case strings.HasSuffix(file, "_test.go"):
			dirs[path.Dir(file)] = append(dirs[path.Dir(file)], file)
		case strings.HasSuffix(file, ".txtar"):
			pkg, name, _ := strings.Cut(file, "/testdata/")
			for _, code := range inText(scriptComments(t, file)) {
				found[code] = append(found[code], carrier{pkg, strings.TrimSuffix(name, ".txtar")})
			}
		}
	})
	delete(dirs, "docs") // this test speaks of codes, it carries none
	for dir, files := range dirs {
		for _, name := range newPackage(t, files).carriers() {
			found[name.code] = append(found[name.code], carrier{dir, name.test})
		}
	}
	for code, list := range found {
		slices.SortFunc(list, func(a, b carrier) int { return strings.Compare(a.String(), b.String()) })
		found[code] = slices.Compact(list)
	}
	return found
}

// walk calls do with each file that is the repository's own, as a path with
// slashes below its top.
func walk(t *testing.T, do func(file string)) {
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err == nil {
			do(filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// scriptComments are the comments of a script, without the files behind it.
func scriptComments(t *testing.T, file string) string {
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "-- ") {
			break
		}
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			out.WriteString(rest + "\n")
		}
	}
	return out.String()
}

// testPackage is what the test files of one directory declare: which code
// stands at which declaration, and which declaration names which.
type testPackage struct {
	codes map[string][]string // by declaration
	users map[string][]string // declarations that name this one
}

func newPackage(t *testing.T, files []string) testPackage {
	p := testPackage{codes: map[string][]string{}, users: map[string][]string{}}
	for _, file := range files {
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.read(f, path.Base(file))
	}
	return p
}

func (p testPackage) read(f *ast.File, file string) {
	at := declarations(f)
	for _, group := range f.Comments {
		owner := file
		for _, d := range at { // inside one, or else above it
			if group.Pos() < d.end {
				owner = d.name
				break
			}
		}
		p.codes[owner] = append(p.codes[owner], inText(group.Text())...)
	}
	for _, d := range at {
		p.codes[d.name] = append(p.codes[d.name], inName(d.name)...)
		ast.Inspect(d.node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name != d.name {
					p.users[n.Name] = append(p.users[n.Name], d.name)
				}
			case *ast.BasicLit: // the name of a subtest begins with its code
				text, err := strconv.Unquote(n.Value)
				if loc := longCode.FindStringIndex(text); err == nil && n.Kind == token.STRING && loc != nil && loc[0] == 0 {
					p.codes[d.name] = append(p.codes[d.name], text[:loc[1]])
				}
			}
			return true
		})
	}
}

// declaration is one of the top level, with the comment above it.
type declaration struct {
	name string
	node ast.Node
	end  token.Pos
}

func declarations(f *ast.File) []declaration {
	var list []declaration
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			list = append(list, declaration{d.Name.Name, d, d.End()})
		case *ast.GenDecl:
			for i, spec := range d.Specs {
				end := spec.End()
				if i == len(d.Specs)-1 {
					end = d.End()
				}
				switch s := spec.(type) {
				case *ast.ValueSpec:
					list = append(list, declaration{s.Names[0].Name, s, end})
				case *ast.TypeSpec:
					list = append(list, declaration{s.Name.Name, s, end})
				}
			}
		}
	}
	return list
}

type codeOfTest struct{ code, test string }

// carriers names the tests of each code. A code at a helper or a table belongs
// to the tests that use it.
func (p testPackage) carriers() []codeOfTest {
	var list []codeOfTest
	for name, codes := range p.codes {
		if len(codes) == 0 {
			continue
		}
		tests := p.testsOf(name, map[string]bool{})
		if !slices.Contains(tests, name) { // a helper's words about a section say nothing of its users
			codes = slices.DeleteFunc(codes, func(c string) bool { return !longCode.MatchString(c) && !shortCode.MatchString(c) })
		}
		if len(tests) == 0 {
			tests = []string{name}
		}
		for _, test := range tests {
			for _, code := range codes {
				list = append(list, codeOfTest{code, test})
			}
		}
	}
	return list
}

func (p testPackage) testsOf(name string, seen map[string]bool) []string {
	if seen[name] {
		return nil
	}
	seen[name] = true
	for _, begin := range []string{"Test", "Fuzz", "Benchmark"} {
		if strings.HasPrefix(name, begin) {
			return []string{name}
		}
	}
	var tests []string
	for _, user := range p.users[name] {
		tests = append(tests, p.testsOf(user, seen)...)
	}
	return tests
}
