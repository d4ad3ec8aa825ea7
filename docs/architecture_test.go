package docs_test

import (
	"path"
	"strings"
	"testing"
)

const architecture = "architecture.md"

// TestArchitectureNamesWhatIsThere: whoever follows a way through the code finds
// every function on it.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	namesFiles(t, architecture, 20)
	namesDeclared(t, architecture, 60)
	for _, picture := range []string{"architecture.svg"} {
		if !strings.Contains(document(t, architecture), "]("+picture+")") || document(t, picture) == "" {
			t.Errorf("%s does not show %s", architecture, picture)
		}
	}
}

// TestArchitectureHasEveryPackage: its table of packages leaves none out.
func TestArchitectureHasEveryPackage(t *testing.T) {
	_, table, ok := strings.Cut(document(t, architecture), "## The packages")
	if !ok {
		t.Fatal("there is no table of packages")
	}
	told := map[string]bool{"docs": true} // only tests
	walk(t, func(file string) {
		dir := path.Dir(file)
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || told[dir] || strings.Contains(dir, "testdata") {
			return
		}
		told[dir] = true
		if !strings.Contains(table, "`"+dir+"`") {
			t.Errorf("%s has no row for %s", architecture, dir)
		}
	})
}
