// Package pagetest finds what tests need to drive the playground's page with a
// real browser.
package pagetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tools are the programs that a browser test runs.
type Tools struct {
	Node     string // 20 or later
	Chromium string
	E2E      string // the folder e2e/, with playwright-core in node_modules
}

// Find gives the tools; root is the module's root, relative to the test's
// directory. Without them the test is skipped, but in CI it fails: a page
// nobody has looked at is not tested. $CHROMIUM names another browser.
func Find(t *testing.T, root string) Tools {
	t.Helper()
	missing := func(what string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	e2e, err := filepath.Abs(filepath.Join(root, "e2e"))
	if err != nil {
		t.Fatal(err)
	}
	tools := Tools{E2E: e2e}
	if tools.Node, err = exec.LookPath("node"); err != nil {
		missing("the page's test needs Node 20 or later: install nodejs")
	}
	if _, err := os.Stat(filepath.Join(e2e, "node_modules", "playwright-core")); err != nil {
		missing("the page's test needs playwright-core: run npm ci in e2e/")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if tools.Chromium, err = exec.LookPath(name); err == nil {
			return tools
		}
	}
	missing("the page's test needs Chromium: apt-get install chromium, or set CHROMIUM to its path")
	return Tools{}
}
