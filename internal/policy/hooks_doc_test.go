package policy

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"ctpipe/internal/diag"
)

// The script that docs/hooks.md begins with passes the test that it shows.
func TestHooksDoc(t *testing.T) {
	raw, err := os.ReadFile("../../docs/hooks.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	script := regexp.MustCompile("(?s)```lua\n-- (scripts/careful.lua)\n(.*?)```").FindStringSubmatch(doc)
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(doc, -1)
	if script == nil || len(blocks) < 2 {
		t.Fatal("the examples are gone")
	}
	tested := false
	for _, b := range blocks {
		src := b[1]
		files := map[string]string{"rules.toml": src, script[1]: script[2]}
		for _, m := range regexp.MustCompile(`"(scripts/[^"]+)"`).FindAllStringSubmatch(src, -1) {
			if known, err := os.ReadFile("../../" + m[1]); err == nil {
				files[m[1]] = string(known)
			}
		}
		l := write(t, files)
		p, sources, findings := l.LoadUntested()
		for _, f := range findings {
			if f.Level == diag.Error {
				t.Error(diag.Format(f, diag.Sources(sources)))
			}
		}
		if p == nil {
			continue
		}
		report := l.Test(context.Background(), p, nil)
		for _, f := range report.Findings() {
			t.Error(diag.Format(f, diag.Sources(sources)))
		}
		tested = tested || strings.Contains(src, "[[test]]") && len(report.Results) > 0
	}
	if !tested {
		t.Error("no example has a test")
	}
}
