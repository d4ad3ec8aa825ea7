package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notYetThere are the rooms that the documents speak of before they are built.
// The list is to be empty.
var notYetThere []string

var (
	// repositoryPath is a path in code: with a slash, below a directory of ours.
	repositoryPath = regexp.MustCompile("`((?:cmd|docs|e2e|hooks|internal|pipeline|scripts|stages)/[A-Za-z0-9_./*]+)`")
	// qualifiedName is what a package declares, in code.
	qualifiedName = regexp.MustCompile("`([a-z]+)\\.([A-Za-z]+)`")
)

// namesFiles holds a document to the files and directories that it names, at
// least so many. NAME stands for what a reader is about to write.
func namesFiles(t *testing.T, doc string, least int) {
	found := repositoryPath.FindAllStringSubmatch(document(t, doc), -1)
	if len(found) < least {
		t.Fatalf("only %d paths were found in %s", len(found), doc)
	}
	for _, m := range found {
		name := m[1]
		if strings.Contains(name, "NAME") {
			name = path.Dir(name)
		}
		if below(name+"/", notYetThere) {
			continue
		}
		if matches, err := filepath.Glob(filepath.Join(root, name)); err != nil || len(matches) == 0 {
			t.Errorf("%s names %s, which is not there", doc, name)
		}
	}
}

// namesDeclared holds a document to the functions, methods and types that it
// names by their package, at least so many. It does not name what a method is of.
func namesDeclared(t *testing.T, doc string, least int) {
	declared := declaredNames(t)
	n := 0
	for _, m := range qualifiedName.FindAllStringSubmatch(document(t, doc), -1) {
		names, ours := declared[m[1]]
		switch {
		case !ours, m[2] == "toml", slices.ContainsFunc(notYetThere, func(dir string) bool { return path.Base(dir) == m[1] }):
			continue
		case !names[m[2]]:
			t.Errorf("%s names %s, which package %s does not declare", doc, m[0], m[1])
		}
		n++
	}
	if n < least {
		t.Errorf("only %d names were found in %s", n, doc)
	}
}

func document(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// declaredNames are the names of functions, methods and types by package.
func declaredNames(t *testing.T) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	walk(t, func(file string) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		names := all[f.Name.Name]
		if names == nil {
			names = map[string]bool{}
			all[f.Name.Name] = names
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						names[s.Name.Name] = true
					}
				}
			}
		}
	})
	return all
}
