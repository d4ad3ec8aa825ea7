// Package docs_test holds the documents of this directory to the repository.
package docs_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the column of tests in requirements.md anew")

const requirements = "requirements.md"

// noTest stands where no test carries a code.
const noTest = "none yet"

// TestRequirements holds requirements.md to the tests: every code that a test
// carries has a row, and every row names the tests that carry it.
func TestRequirements(t *testing.T) {
	doc, err := os.ReadFile(requirements)
	if err != nil {
		t.Fatal(err)
	}
	tests := carried(t)
	fresh, codes := withTests(t, string(doc), tests)
	for _, code := range slices.Sorted(maps.Keys(tests)) {
		if !slices.Contains(codes, code) {
			t.Errorf("%v carries %s, which %s does not define; if it is no code, write it otherwise", tests[code], code, requirements)
		}
	}
	if *update {
		err = os.WriteFile(requirements, []byte(fresh), 0o644)
	} else if fresh != string(doc) {
		t.Errorf("%s is out of date; run go test ./docs -update", requirements)
	}
	if err != nil {
		t.Error(err)
	}
}

// withTests is the document with its columns of tests written anew, and the
// codes that it defines.
func withTests(t *testing.T, doc string, tests map[string][]carrier) (fresh string, codes []string) {
	var out strings.Builder
	for line := range strings.Lines(doc) {
		cells := strings.Split(line, " | ")
		code, isRow := strings.CutPrefix(cells[0], "| ")
		if !isRow || len(cells) != 3 || code == "code" {
			out.WriteString(line)
			continue
		}
		if slices.Contains(codes, code) {
			t.Errorf("%s defines %s twice", requirements, code)
		}
		codes = append(codes, code)
		out.WriteString("| " + code + " | " + cells[1] + " | " + inWords(tests[code]) + " |\n")
	}
	return out.String(), codes
}

// inWords lists tests by their packages.
func inWords(tests []carrier) string {
	if len(tests) == 0 {
		return noTest
	}
	var out strings.Builder
	for i, c := range tests {
		switch {
		case i == 0:
			out.WriteString("`" + c.pkg + "` ")
		case c.pkg != tests[i-1].pkg:
			out.WriteString("; `" + c.pkg + "` ")
		default:
			out.WriteString(", ")
		}
		out.WriteString(c.name)
	}
	return out.String()
}
