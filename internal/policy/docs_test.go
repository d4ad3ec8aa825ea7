package policy

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"ctpipe/internal/diag"
)

const policiesDoc = "../../docs/policies.md"

var (
	docBlock = regexp.MustCompile("(?ms)^### (\\d+)\\. ([^\n]*)$(.*?)^```toml\n(.*?)^```$")
	notYet   = regexp.MustCompile(`(?m)^\| (\d+) \|`)
)

// TestPoliciesDoc builds every policy of docs/policies.md and runs its tests.
// Each of the 44 cases stands there, as rules or in the list of what is missing.
func TestPoliciesDoc(t *testing.T) {
	src, err := os.ReadFile(policiesDoc)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(src)
	stands := map[string]bool{}
	blocks := docBlock.FindAllStringSubmatch(doc, -1)
	if headings := strings.Count(doc, "\n### "); headings != len(blocks) {
		t.Errorf("%d cases have a heading, %d of them a policy", headings, len(blocks))
	}
	for _, m := range blocks {
		stands[m[1]] = true
		t.Run(m[1], func(t *testing.T) { docPolicy(t, m[2], m[4]) })
	}
	for _, m := range notYet.FindAllStringSubmatch(doc, -1) {
		if stands[m[1]] {
			t.Errorf("case %s stands as a policy and as missing", m[1])
		}
		stands[m[1]] = true
	}
	for n := 1; n <= 44; n++ {
		if !stands[fmt.Sprint(n)] {
			t.Errorf("case %d is missing", n)
		}
	}
}

func docPolicy(t *testing.T, title, src string) {
	files := map[string]string{"rules.toml": src}
	for _, m := range regexp.MustCompile(`script = "(scripts/[^"]+)"`).FindAllStringSubmatch(src, -1) {
		script, err := os.ReadFile("../../" + m[1])
		if err != nil {
			t.Fatal(err)
		}
		files[m[1]] = string(script)
	}
	l := write(t, files)
	p, sources, findings := l.LoadUntested()
	for _, f := range findings {
		if f.Level == diag.Error || !harmless[f.ID] {
			t.Errorf("%s:\n%s", title, diag.Format(f, diag.Sources(sources)))
		}
	}
	if p == nil {
		return
	}
	report := l.Test(context.Background(), p, nil)
	if len(report.Results) == 0 {
		t.Errorf("%s has no test", title)
	}
	for _, f := range report.findings() {
		t.Errorf("%s:\n%s", title, diag.Format(f, diag.Sources(sources)))
	}
	for _, f := range p.Rules.NeverTrue(report.Matched) {
		t.Errorf("%s: %s", title, f.Text)
	}
}

// harmless are warnings about what a short example leaves to the rest of a
// policy.
var harmless = map[string]bool{"empty-allow-list": true, "opaque-uncovered": true, "default-allow": true}
