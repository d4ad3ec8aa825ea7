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
		for _, f := range report.findings() {
			t.Error(diag.Format(f, diag.Sources(sources)))
		}
		tested = tested || strings.Contains(src, "[[test]]") && len(report.Results) > 0
	}
	if !tested {
		t.Error("no example has a test")
	}
}

// A [[hook]]'s timeout has one limit, and being over it is one finding, at the
// value, though both rules.toml's reader and the hook host look.
func TestHookTimeoutIsSaidOnce(t *testing.T) {
	for timeout, want := range map[string]string{"2s": "", "1ms": "", "2001ms": "timeout is 2.001s; want 1ms to 2s", "6s": "timeout is 6s; want 1ms to 2s",
		"500us": "timeout is 500µs; want 1ms to 2s", "0s": "must be more than zero"} {
		l := write(t, map[string]string{"rules.toml": "[playground]\nallowed_users = [\"ana\"]\n[[hook]]\nscript = \"scripts/a.lua\"\ntimeout = \"" + timeout + "\"\n",
			"scripts/a.lua": "return { tool = function(ev) end }\n"})
		_, _, findings := l.Load()
		if want == "" && len(findings) == 0 {
			continue
		}
		if got := text(findings); len(findings) != 1 || want == "" || !strings.HasPrefix(findings[0].String(), "rules.toml:5:11: ") || !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q once", timeout, got, want)
		}
	}
}
