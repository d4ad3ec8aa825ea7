package policy

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/stages"
)

// write puts files into a new folder and gives a loader of its rules.toml.
func write(t testing.TB, files map[string]string) *Loader {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return loaderOf(dir)
}

func loaderOf(dir string) *Loader {
	return &Loader{Path: filepath.Join(dir, "rules.toml"), Getenv: func(string) (string, bool) { return "", false },
		Store: &hooks.Memory{}, Stage: stages.Build{Seen: stages.NewMemory(16)}}
}

func text(findings []diag.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestShippedRulesPassTheirTests(t *testing.T) {
	l := loaderOf("../..")
	p, _, findings := l.LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	report := l.Test(context.Background(), p, nil)
	if passed, _, _ := report.Count(); passed != len(p.Cases) || passed == 0 {
		t.Errorf("%d of %d passed:\n%s", passed, len(p.Cases), text(report.findings()))
	}
	t.Logf("%d tests in %s", len(report.Results), report.Took)
}
