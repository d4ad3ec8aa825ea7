package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notYetThere are the rooms that the documents speak of before they are built.
// The list is to be empty.
var notYetThere []string

// repositoryPath is a path in code: with a slash, below a directory of ours.
var repositoryPath = regexp.MustCompile("`((?:cmd|docs|e2e|hooks|internal|pipeline|scripts|stages)/[A-Za-z0-9_./*]+)`")

// TestContributingNamesWhatIsThere: whoever follows the guide finds every file
// that it sends them to. NAME stands for what they are about to write.
func TestContributingNamesWhatIsThere(t *testing.T) {
	guide, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	found := repositoryPath.FindAllStringSubmatch(string(guide), -1)
	if len(found) < 20 {
		t.Fatalf("only %d paths were found in the guide", len(found))
	}
	for _, m := range found {
		name := m[1]
		if strings.Contains(name, "NAME") {
			name = filepath.ToSlash(filepath.Dir(name))
		}
		if below(name+"/", notYetThere) {
			continue
		}
		if matches, err := filepath.Glob(filepath.Join(root, name)); err != nil || len(matches) == 0 {
			t.Errorf("CONTRIBUTING.md names %s, which is not there", name)
		}
	}
}
