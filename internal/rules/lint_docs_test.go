package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withoutGolden are the findings that no text of rules.toml alone sets off:
// flags and variables (TestFUN13), coverage (TestNeverTrue), and our own faults.
var withoutGolden = []string{"bad-setting", "never-true", "internal"}

// goldenFindings are the findings of all goldens by their id, as printed: of
// each the shortest, one with a suggestion where there is any.
func goldenFindings(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/error_*.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var blocks []string
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, " ") && len(blocks) > 0 {
				blocks[len(blocks)-1] += line
			} else {
				blocks = append(blocks, line)
			}
		}
		for _, b := range blocks {
			id, text, _ := strings.Cut(b, ": ")
			have, ok := out[id]
			helps, helped := strings.Contains(text, "did you mean"), strings.Contains(have, "did you mean")
			if !ok || helps && !helped || helps == helped && len(text) < len(have) {
				out[id] = text
			}
		}
	}
	return out
}

// lintExamples shows each finding once, for docs/rules.md.
func lintExamples(t testing.TB) string {
	found := goldenFindings(t)
	var b strings.Builder
	for _, l := range allLints {
		if text := found[l.ID]; text != "" {
			b.WriteString("`" + l.ID + "`\n```text\n" + text + "```\n")
		}
	}
	return b.String()
}

// Each kind of finding has a file in testdata that sets it off.
func TestEveryLintHasGolden(t *testing.T) {
	found := goldenFindings(t)
	for _, l := range allLints {
		if (found[l.ID] == "") != slices.Contains(withoutGolden, l.ID) {
			t.Errorf("%s: golden %q", l.ID, found[l.ID])
		}
	}
	for id := range found {
		if _, ok := lintByID(id); !ok {
			t.Errorf("%s is in testdata and not in Lints", id)
		}
	}
}

// lintByID finds a kind of finding.
func lintByID(id string) (lintDoc, bool) {
	for _, l := range allLints {
		if l.ID == id {
			return l, true
		}
	}
	return lintDoc{}, false
}
